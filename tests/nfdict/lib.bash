# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What the tests of nfdict share: a network namespace of their own, TAP output,
# and checks. Sourced first.

set -euo pipefail

tests_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tool_dir=$(cd "$tests_dir/../../tools/nfdict" && pwd)
nfdict=${NFDICT:-$tool_dir/nfdict}
tests=0 failed=0

case ${1:-} in
-h | --help)
	cat <<-EOF
	usage: ${0##*/}
	Prints TAP. Run as root on a kernel with nfnetlink_dict. \$NFDICT is the tool
	to test, by default tools/nfdict/nfdict, which is built if it is missing.
	EOF
	exit 0
	;;
esac

die() { printf 'Bail out! %s\n' "$*"; exit 1; }

# skip REASON: skips the test.
skip() {
	ended=1
	echo "1..0 # SKIP $1"
	exit 0
}

# need COMMAND...: skips the test where one is missing.
need() {
	local c

	for c; do
		command -v "$c" >/dev/null || skip "no $c"
	done
}

if [[ ! -x $nfdict ]]; then
	[[ -z ${NFDICT:-} ]] || die "$nfdict is not there"
	make -s -C "$tool_dir" nfdict >&2 || die "nfdict does not build"
fi

if [[ ! ${nfdict_test_netns:-} && ! ${no_kernel:-} ]]; then
	((EUID == 0)) || die "must be run as root"
	exec env nfdict_test_netns=1 unshare -n -- "$0" "$@"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/nfdict-test.XXXXXX")
# shellcheck disable=SC2154 # rc is set there
trap 'rc=$?; rm -rf "$work"; [[ ${ended:-} ]] || echo "Bail out! status $rc after test $tests"' EXIT

if [[ ! ${no_kernel:-} ]]; then
	"$nfdict" list >/dev/null || die "nfdict list fails"
fi

result() {	# STATUS NAME
	tests=$((tests + 1))
	if (($1)); then
		failed=$((failed + 1))
		echo "not ok $tests - $2"
	else
		echo "ok $tests - $2"
	fi
}

comment() { printf '# %s\n' "${1//$'\n'/$'\n# '}"; }

# is NAME GOT WANT
is() {
	if [[ $2 == "$3" ]]; then
		result 0 "$1"
	else
		comment "got:"$'\n'"$2"
		comment "expected:"$'\n'"$3"
		result 1 "$1"
	fi
}

# ok NAME COMMAND...: it succeeds, and prints nothing to standard error.
ok() {
	local name=$1 rc=0

	shift
	"$@" >"$work/out" 2>"$work/err" || rc=$?
	[[ ! -s $work/err ]] || rc=1
	((rc == 0)) || comment "$* (status $rc): $(<"$work/err")"
	result $((rc != 0)) "$name"
}

# prints NAME TEXT COMMAND...: it succeeds and prints TEXT.
prints() {
	local name=$1 text=$2 rc=0 out

	shift 2
	out=$("$@" 2>"$work/err") || rc=$?
	if ((rc)) || [[ -s $work/err ]]; then
		comment "$* (status $rc): $(<"$work/err")"
		result 1 "$name"
	else
		is "$name" "$out" "$text"
	fi
}

# fails NAME STATUS MESSAGE COMMAND...: it fails with STATUS and MESSAGE, and
# prints nothing else.
fails() {
	local name=$1 status=$2 text=$3 rc=0

	shift 3
	"$@" >"$work/out" 2>"$work/err" || rc=$?
	is "$name" "$rc: $(cat "$work/out" "$work/err")" "$status: nfdict: $text"
}

end() {
	ended=1
	echo "1..$tests"
	exit $((failed > 0))
}

# How many times slower than usual the machine is, for waits.
slowness=1
[[ ${KSFT_MACHINE_SLOW:-} != yes ]] || slowness=20

# wait_for COMMAND...: repeats it until it succeeds, for ten seconds at most, or
# $patience.
wait_for() {
	local i

	for ((i = 0; i < 20 * slowness * ${patience:-10}; i++)); do
		! "$@" 2>/dev/null || return 0
		sleep 0.05
	done
	return 1
}
