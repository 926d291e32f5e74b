# shellcheck shell=bash
# Variables set here are used where this is sourced, and the reverse.
# shellcheck disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
# Shared by the scripts of this directory: the cache, packages, locks, progress,
# the base tree, and the list of the project's files.
# Sourced by bash scripts that have set -eu and pipefail.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
prog=${0##*/}
jobs=$(nproc)
# How "run" reports a failure: run_quiet set: not at all; run_tail: how many
# lines of the log it shows.
run_quiet=
run_tail=15

# Everything built or unpacked is below this directory, nothing in the
# repository. "base", "ccache", "sparse" and the locks on packages and the base
# are shared by all checkouts; the rest is per checkout and per base.
cache=${NFT_DICT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nft_dict}
cache_checkout=$cache/$(basename "$top")-$(printf %s "$top" | sha256sum | cut -c1-8)

say() { printf '%s\n' "$*" >&2; }
die() { printf '%s: %s\n' "$prog" "$*" >&2; exit 1; }

# Report where a command failed unexpectedly: errexit ends the script silently.
set -E
trap 'say "$prog: ${BASH_SOURCE[0]##*/}:$LINENO: failed: $BASH_COMMAND"' ERR

# usage: prints the calling script's head comment, which is its help text.
usage() { sed -n '2,/^[^#]/{/^# SPDX/d;s/^# \{0,1\}//;T;p}' "$0"; }

# --- the bases -------------------------------------------------------------

# The kernels that the series is for, named by the version in the name of
# Debian's package linux-source-VERSION. The first one is the primary base.
bases=(7.3 6.12)

# base_choose NAME: sets base, and the variables that depend on it. Scripts that
# this one starts inherit the choice.
base_choose() {
	[[ " ${bases[*]} " == *" $1 "* ]] || {
		say "$prog: unknown base '$1'; there are: ${bases[*]}"
		exit 2
	}
	base=$1
	export NFT_DICT_BASE=$base
	cache_own=$cache_checkout/$base
	cache_log=$cache_own/log
}
base_choose "${NFT_DICT_BASE:-${bases[0]}}"

# --- the cache -------------------------------------------------------------

# cache_init [MIB]: creates the cache and checks that MIB (64) are free there.
cache_init() {
	local need=${1:-64} free

	mkdir -p "$cache_log" 2>/dev/null ||
		die "cannot create the cache directory $cache (NFT_DICT_CACHE chooses another)"
	[[ -w $cache_own ]] || die "the cache directory $cache_own is not writable"
	need_space "$need" "$cache"
	[[ -f $cache_checkout/checkout ]] || printf '%s\n' "$top" >"$cache_checkout/checkout"
}

# need_space MIB DIR: fails if less is free there. Called before the work, as on
# a full disk even the message could be lost.
need_space() {
	local free

	free=$(df -Pm "$2" | awk 'NR == 2 { print $4 }')
	((free >= $1)) || die "disk full: $2 has $free MiB left, $1 MiB are needed"
}

# lock NAME: takes a lock until "unlock NAME" or the end of the script; names
# the holder if it has to wait. Children must not inherit it: "run" closes it.
declare -A lock_fd=()
lock() {
	local file=$cache/lock.$1 fd holder

	[[ $1 == base || $1 == packages ]] || file=$cache_own/lock.$1
	mkdir -p "${file%/*}"
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

# run WHAT LOG COMMAND...: runs the command with its output in LOG, and shows
# WHAT and the time it takes. On failure, shows the end of the log and its name,
# and returns the command's status.
run() {
	local what=$1 log=$2 start=$SECONDS rc=0 pid last=0 fd tty=
	shift 2

	[[ -t 2 ]] && tty=1
	{ mkdir -p "${log%/*}" && : >"$log"; } || die "cannot write the log $log"
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

# Every Debian 12 machine has the archive's key. The newest kernels are in
# backports and experimental, the LTS kernel is in stable's security archive.
base_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# base_mirror: prints the URL of Debian's archive.
base_mirror() {
	local mirror

	# The mirror that this machine's apt uses.
	# shellcheck disable=SC2016 # apt's variables
	mirror=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' \
		'Created-By: Packages' 2>/dev/null | sed -n 's/^Debian|Debian|//p' | head -n 1)
	mirror=${NFT_DICT_MIRROR:-${mirror:-http://deb.debian.org/debian}}
	printf '%s\n' "${mirror%/}"
}

# base_sources MIRROR: prints sources.list lines for the archives with kernels.
base_sources() {
	local mirror=$1

	printf "deb [signed-by=$base_keyring] %s main\n" "$mirror trixie-backports" \
		"$mirror experimental" "$mirror trixie" "$mirror-security trixie-security"
}

# base_apt COMMAND...: runs a command of apt with the configuration in $apt_dir;
# the machine's sources and lists are not touched.
base_apt() { APT_CONFIG=$apt_dir/apt.conf "$@"; }

# base_apt_setup WHAT SOURCES: sets apt_dir and downloads there the lists of the
# archives that the function SOURCES prints. WHAT is shown meanwhile.
base_apt_setup() {
	local mirror

	mirror=$(base_mirror)
	apt_dir=$cache/base/tmp.apt.$$
	mkdir -p "$apt_dir"/{lists,archives}/partial
	: >"$apt_dir/status"
	"$2" "$mirror" >"$apt_dir/sources.list"
	cat >"$apt_dir/apt.conf" <<-EOF
	Dir::Etc::sourcelist "$apt_dir/sources.list";
	Dir::Etc::sourceparts "/dev/null";
	Dir::State::lists "$apt_dir/lists";
	Dir::State::status "$apt_dir/status";
	Dir::Cache "$apt_dir";
	Acquire::Languages "none";
	APT::Sandbox::User "";
	APT::Update::Error-Mode "any";
	EOF
	[[ -r $base_keyring ]] ||
		die "$base_keyring is missing: install the package debian-archive-keyring"
	run "asking Debian for $1" "$cache_log/base-update.log" \
		base_apt apt-get -q update && return
	if grep -q 'NO_PUBKEY\|not signed\|signatures were invalid' "$cache_log/base-update.log"; then
		die "the archive at $mirror is not signed by the key in $base_keyring; NFT_DICT_MIRROR names another mirror"
	fi
	die "cannot reach Debian's archive at $mirror; is there a network? NFT_DICT_MIRROR names another mirror (log: $cache_log/base-update.log)"
}

# base_choose_package: sets package to the source package of the base or, if that
# is the primary one and Debian no longer has it, of the newest kernel.
base_choose_package() {
	local there newest

	there=$(base_apt apt-cache -q search '^linux-source-[0-9.]+$' 2>/dev/null |
		sed -n 's/^linux-source-\([0-9.]*\) .*/\1/p' | sort -V)
	[[ -n $there ]] || die "Debian's archive has no package linux-source-*"
	newest=$(tail -n 1 <<<"$there")
	package=linux-source-$base
	if grep -qxF "$base" <<<"$there"; then
		[[ $base != "${bases[0]}" || $newest == "$base" ]] ||
			say "$prog: Debian now has Linux $newest; continuing with $base"
		return 0
	fi
	[[ $base == "${bases[0]}" ]] ||
		die "Debian no longer has linux-source-$base; it has: ${there//$'\n'/ }"
	say "$prog: Debian no longer has Linux $base: using $newest instead"
	package=linux-source-$newest
}

# base_unpack PACKAGE-FILE DIR: unpacks the kernel tree in the package to DIR.
base_unpack() {
	local archive

	archive=$(dpkg-deb --fsys-tarfile "$1" | tar -tf - | grep '/linux-source-.*\.tar\.xz$') || return
	dpkg-deb --fsys-tarfile "$1" | tar -xOf - "$archive" |
		tar -C "$2" --strip-components=1 -xJf -
}

# base_tree [refresh]: sets base_dir to the pristine base, and base_package and
# base_version to the package it is from. Fetches that if it is missing or, with
# "refresh", again. The directory appears complete or not at all.
base_tree() {
	local link=$cache/base/$base tmp file package version dir

	if [[ ! -f $link/.nft_dict-base || ${1:-} == refresh ]]; then
		need_packages xz-utils
		lock base
		if [[ ! -f $link/.nft_dict-base || ${1:-} == refresh ]]; then
			mkdir -p "$cache/base"
			rm -rf "$cache"/base/tmp.*
			need_space 3500 "$cache"
			(
				trap 'rm -rf "$cache"/base/tmp.*' EXIT
				base_apt_setup 'its kernels' base_sources
				base_choose_package
				run "fetching $package" "$cache_log/base-fetch.log" \
					env -C "$apt_dir" APT_CONFIG="$apt_dir/apt.conf" \
					apt-get -q download "$package" ||
					die "cannot fetch $package (log: $cache_log/base-fetch.log)"
				file=$(echo "$apt_dir"/linux-source-*.deb)
				version=$(dpkg-deb -f "$file" Version)
				dir=$package-${version//[^A-Za-z0-9.-]/_}
				tmp=$cache/base/tmp.$$
				if [[ ! -d $cache/base/$dir ]]; then
					mkdir "$tmp"
					run "unpacking $package $version" "$cache_log/unpack.log" \
						base_unpack "$file" "$tmp" ||
						die "cannot unpack $package (log: $cache_log/unpack.log)"
					[[ -f $tmp/Kbuild ]] || die "$package has no kernel source"
					printf '%s\n%s\n' "$package" "$version" >"$tmp/.nft_dict-base"
					mv "$tmp" "$cache/base/$dir"
				fi
				ln -sfn "$dir" "$cache/base/$base.new"
				mv -T "$cache/base/$base.new" "$link"
			) || exit 1
		fi
		unlock base
	fi
	base_dir=$cache/base/$(readlink "$link")
	{ read -r base_package; read -r base_version; } <"$base_dir/.nft_dict-base"
}

# base_copy DIR: makes DIR a copy of the base with hard links to its files.
# Change a file there by replacing it (mv), never by writing to it.
base_copy() {
	rm -rf "$1" "$1.tmp"
	mkdir -p "$(dirname "$1")"
	cp -al "$base_dir" "$1.tmp" || die "cannot copy the base to $1"
	mv "$1.tmp" "$1"
}

# --- the project's files ---------------------------------------------------

# files_below DIR...: the project's files below them, except built ones.
files_below() {
	local dirs=() d

	for d; do
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

# project_files: the new files of the series, at their paths in the kernel tree.
# tools/nfdict is not one of them: it is packaged on its own.
project_files() { files_below net include tools/testing Documentation; }
