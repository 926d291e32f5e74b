# shellcheck shell=bash
# The check that sources this exits with $bad.
# shellcheck disable=SC2034
# SPDX-License-Identifier: GPL-2.0-only
# For checks that run programs of the project in a guest. They source this on
# the host and in the guest.

# in_guest [OPTION OF VM]...: on the host, builds the programs and starts the
# calling check again in a guest on $KERNEL, with the programs in PATH and
# $selftests_dir set; returns in the guest only.
in_guest() {
	if [[ -n ${NFT_DICT_GUEST:-} ]]; then
		watch_closely
		return 0
	fi
	# shellcheck source=scripts/lib.sh
	. scripts/lib.sh
	# shellcheck source=scripts/tree.sh
	. scripts/tree.sh
	# shellcheck source=scripts/programs.sh
	. scripts/programs.sh
	cache_init
	programs_ready
	export NFT_DICT_GUEST=$KERNEL selftests_dir PATH="$programs_dir:$PATH"
	exec scripts/vm --kernel "$KERNEL" "$@" -- "$0"
}

# watch_closely: makes KCSAN check more accesses and wait longer at each. Its
# default waits are so short that another emulated CPU does little meanwhile.
watch_closely() {
	[[ -d /sys/module/kcsan ]] || return 0
	echo 400 >/sys/module/kcsan/parameters/udelay_task
	echo 500 >/sys/module/kcsan/parameters/skip_watch
}

ran=0
bad=0
# each SECONDS COMMAND [ARGUMENT]...: runs a test, its output indented and
# its result below as one TAP line.
each() {
	local limit=$1 name=${2##*/} rc=0 out why none
	shift
	out=$(mktemp)
	timeout -k 5 "$limit" "$@" 2>&1 | tee "$out" | sed -u 's/^/    /' || rc=$?
	ran=$((ran + 1))
	why=$(sed -n 's/^1\.\.0 # SKIP *//p' "$out" | head -n 1)
	none=$(grep -x '1\.\.0' "$out" || true)
	rm -f "$out"
	if ((rc == 4)) || [[ -n $why ]]; then
		echo "ok $ran - $name # SKIP ${why:-status 4}"
	elif ((rc == 124 || rc == 137)); then
		echo "not ok $ran - $name: stopped after $limit s"
		bad=1
	elif ((rc)); then
		echo "not ok $ran - $name: status $rc"
		bad=1
	elif [[ -n $none ]]; then
		echo "not ok $ran - $name: it has no such test"
		bad=1
	else
		echo "ok $ran - $name"
	fi
}
