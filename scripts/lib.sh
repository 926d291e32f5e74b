# shellcheck shell=bash
# Variables set here are used where this is sourced, and the reverse.
# shellcheck disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
# What the scripts of this directory share: the cache, packages, locks,
# progress, the base tree, and the tree with the project in it.
# Sourced by bash scripts that have set -eu and pipefail.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
prog=${0##*/}
jobs=$(nproc)
# How run reports a failure: not at all, or with how many lines of the log.
run_quiet=
run_tail=15

# Everything built or unpacked is below here, nothing in the repository.
# "base" and "ccache" are shared by all checkouts, the rest is per checkout.
cache=${NFT_DICT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nft_dict}
cache_own=$cache/$(basename "$top")-$(printf %s "$top" | sha256sum | cut -c1-8)
cache_log=$cache_own/log

# Debian's package of the base, and a name for its version without the
# characters that make and the shell do not like in paths.
base_package=linux-source-6.12
base_archive=/usr/src/$base_package.tar.xz

say() { printf '%s\n' "$*" >&2; }
die() { printf '%s: %s\n' "$prog" "$*" >&2; exit 1; }

# A command that failed where nobody expected it to names its place at least.
set -E
trap 'say "$prog: ${BASH_SOURCE[0]##*/}:$LINENO: failed: $BASH_COMMAND"' ERR

# usage: prints the calling script's head comment, which is its help text.
usage() { sed -n '2,/^[^#]/{/^# SPDX/d;s/^# \{0,1\}//;T;p}' "$0"; }

# --- the cache -------------------------------------------------------------

# Sets up the cache; an argument in MiB says what the caller is about to need.
cache_init() {
	local need=${1:-64} free

	mkdir -p "$cache_log" 2>/dev/null ||
		die "cannot create the cache directory $cache (NFT_DICT_CACHE chooses another)"
	[[ -w $cache_own ]] || die "the cache directory $cache_own is not writable"
	need_space "$need" "$cache"
	[[ -f $cache_own/checkout ]] || printf '%s\n' "$top" >"$cache_own/checkout"
}

# need_space MIB DIR: fails while there is still something to say it with.
need_space() {
	local free

	free=$(df -Pm "$2" | awk 'NR == 2 { print $4 }')
	((free >= $1)) || die "disk full: $2 has $free MiB left, $1 MiB are needed"
}

# lock NAME: held until the script ends or unlock NAME; names the holder when
# it has to wait. Children must not inherit it, see run.
declare -A lock_fd=()
lock() {
	local file=$cache/lock.$1 fd holder

	[[ $1 == base || $1 == packages ]] || file=$cache_own/lock.$1
	[[ -z ${lock_fd[$1]:-} ]] || return 0
	exec {fd}>>"$file" || die "cannot open the lock $file"
	if ! flock -n "$fd"; then
		holder=$(tail -n 1 "$file" 2>/dev/null || true)
		say "$prog: waiting for another run (${holder:-unknown}) to release $file"
		flock -w "${NFT_DICT_LOCK_WAIT:-1800}" "$fd" ||
			die "another run (${holder:-unknown}) still holds $file"
	fi
	printf 'pid %d, %s, since %(%T)T\n' $$ "$prog" -1 >"$file"
	lock_fd[$1]=$fd
}

unlock() {
	local fd=${lock_fd[$1]:-}

	[[ -n $fd ]] || return 0
	exec {fd}>&-
	unset "lock_fd[$1]"
}

# --- progress --------------------------------------------------------------

# run "what is done" LOG COMMAND...: runs the command with its output in LOG
# and shows what goes on and for how long. On failure: the log's tail, its
# name, and the command's status.
run() {
	local what=$1 log=$2 start=$SECONDS rc=0 pid last=0 fd tty=
	shift 2

	[[ -t 2 ]] && tty=1
	: >"$log" || die "cannot write the log $log"
	(
		for fd in "${lock_fd[@]}"; do exec {fd}>&-; done
		"$@"
	) >"$log" 2>&1 </dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		local t=$((SECONDS - start))
		if [[ $tty ]]; then
			printf '\r\033[K  %s ... %d s (%d lines of log)' \
				"$what" "$t" "$(wc -l <"$log")" >&2
		elif ((t >= last + 20)); then
			last=$t
			say "  $what ... $t s ($(wc -l <"$log") lines of log)"
		fi
		if ((t < 2)); then sleep 0.1; else sleep 1; fi
	done
	wait "$pid" || rc=$?
	[[ $tty ]] && printf '\r\033[K' >&2
	if ((rc)) && [[ -z $run_quiet ]]; then
		say "$prog: $what failed (status $rc); the end of $log:"
		tail -n "$run_tail" "$log" | sed 's/^/    /' >&2
		if grep -qi 'no space left on device' "$log"; then
			say "$prog: the disk is full: $(df -Ph "$cache" | awk 'NR == 2 { print $6 " has " $4 " left" }')"
		fi
	fi
	((rc || SECONDS - start < 2)) || [[ -n $run_quiet ]] ||
		say "  $what: $((SECONDS - start)) s"
	return "$rc"
}

# --- packages --------------------------------------------------------------

package_installed() {
	[[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# need_packages PACKAGE...: installs what is missing.
need_packages() {
	local p log missing=()

	command -v dpkg-query >/dev/null ||
		die "this needs Debian 12's packages, and dpkg is not here; wanted: $*"
	for p; do
		package_installed "$p" || missing+=("$p")
	done
	((${#missing[@]})) || return 0
	((EUID == 0)) ||
		die "missing packages; as root: apt-get install ${missing[*]}"
	log=$cache_log/apt.log
	export DEBIAN_FRONTEND=noninteractive
	lock packages
	set -- "${missing[@]}"
	missing=()
	for p; do
		package_installed "$p" || missing+=("$p")
	done
	((${#missing[@]})) || { unlock packages; return 0; }
	run "installing ${missing[*]}" "$log" apt-get -y -q --no-install-recommends \
		-o DPkg::Lock::Timeout=300 install "${missing[@]}" 2>/dev/null || {
		run "updating the package lists" "$cache_log/apt-update.log" \
			apt-get -q -o DPkg::Lock::Timeout=300 update || true
		run "installing ${missing[*]}" "$log" apt-get -y -q --no-install-recommends \
			-o DPkg::Lock::Timeout=300 install "${missing[@]}" ||
			die "cannot install: ${missing[*]} (log: $log)"
	}
	for p in "${missing[@]}"; do
		package_installed "$p" || die "package $p is still missing (log: $log)"
	done
	unlock packages
}

packages_build=(bc bison build-essential ccache flex git libelf-dev libssl-dev
	patch perl python3 xz-utils)
packages_guest=(conntrack iproute2 iputils-ping kmod libmnl-dev libnftnl-dev
	nftables socat tcpdump)

# --- the base tree ---------------------------------------------------------

# Sets base_dir to the pristine base, and unpacks it when it is not there. The
# directory appears whole or not at all, and a newer package gives a new one.
base_tree() {
	local version tmp

	need_packages "$base_package" xz-utils
	[[ -r $base_archive ]] || die "package $base_package has no $base_archive"
	base_version=$(dpkg-query -W -f '${Version}' "$base_package")
	base_dir=$cache/base/linux-${base_version//[^A-Za-z0-9.-]/_}
	[[ -d $base_dir ]] && return 0
	lock base
	if [[ ! -d $base_dir ]]; then
		mkdir -p "$cache/base"
		rm -rf "$cache"/base/tmp.*
		need_space 2500 "$cache"
		tmp=$cache/base/tmp.$$
		mkdir "$tmp"
		run "unpacking $base_package $base_version" "$cache_log/unpack.log" \
			tar -C "$tmp" --strip-components=1 -xf "$base_archive" || {
			rm -rf "$tmp"
			die "cannot unpack $base_archive (log: $cache_log/unpack.log)"
		}
		[[ -f $tmp/Kbuild ]] || { rm -rf "$tmp"; die "$base_archive is no kernel source"; }
		mv "$tmp" "$base_dir"
	fi
	unlock base
}

# base_copy DIR: a copy of the base that shares its files. Change a file there
# by replacing it (mv), never by writing into it.
base_copy() {
	rm -rf "$1" "$1.tmp"
	mkdir -p "$(dirname "$1")"
	cp -al "$base_dir" "$1.tmp" || die "cannot copy the base to $1"
	mv "$1.tmp" "$1"
}

# --- the project's files ---------------------------------------------------

# The new files of the series, at their paths in the kernel tree.
project_files() {
	local dirs=() d

	for d in net include tools Documentation; do
		[[ -d $top/$d ]] && dirs+=("$d")
	done
	((${#dirs[@]})) || return 0
	if git -C "$top" rev-parse --git-dir >/dev/null 2>&1; then
		(cd "$top" && git ls-files -co --exclude-standard -- "${dirs[@]}" |
			while IFS= read -r f; do [[ -f $f ]] && printf '%s\n' "$f"; done) || true
	else
		(cd "$top" && find "${dirs[@]}" -type f)
	fi | LC_ALL=C sort -u
}
