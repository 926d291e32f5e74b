# shellcheck shell=bash
# Variables set here are used where this is sourced, and the reverse.
# shellcheck disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
# Builds the programs that tests need: nfdict; nft_bytecode, which loads rules
# without an nft that knows dict; the selftests in C; the benchmark. Sourced
# after lib.sh and tree.sh.

# The selftests' framework, as far as the base has it.
framework="kselftest.h kselftest_harness.h net/lib.sh net/lib/sh/defer.sh net/netfilter/lib.sh"

# programs_ready: builds the programs. Sets programs_dir, where they are, and
# selftests_dir, where the selftests are run.
programs_ready() {
	local src=$cache_own/programs/src overlay f log

	need_packages build-essential libmnl-dev patch pkg-config
	programs_dir=$cache_own/programs/bin
	base_tree
	lock programs
	mkdir -p "$src" "$programs_dir"
	overlay=$(mktemp -d "$cache_own/overlay.XXXXXX")
	(tree_overlay "$overlay") || { rm -rf "$overlay"; exit 1; }
	while IFS= read -r f; do
		cmp -s "$overlay/$f" "$src/$f" || replace "$overlay/$f" "$src/$f"
	done < <(cd "$overlay" && find tools include/uapi -type f)
	rm -rf "$overlay"
	while IFS= read -r f; do
		cmp -s "$top/$f" "$src/$f" || replace "$top/$f" "$src/$f"
	done < <(files_below tools/nfdict)
	selftests_dir=$src/tools/testing/selftests/net/netfilter
	for f in $framework; do
		f=tools/testing/selftests/$f
		[[ -f $base_dir/$f ]] || continue
		cmp -s "$base_dir/$f" "$src/$f" || replace "$base_dir/$f" "$src/$f"
	done
	log=$cache_log/programs.log
	run "building the programs" "$log" programs_build "$src" ||
		die "the programs do not build (log: $log)"
	unlock programs
}

programs_build() {
	local selftests=$1/tools/testing/selftests/net/netfilter
	local uapi=$1/uapi/linux/netfilter h

	make -C "$1/tools/nfdict" nfdict || return
	cmp -s "$1/tools/nfdict/nfdict" "$programs_dir/nfdict" ||
		replace "$1/tools/nfdict/nfdict" "$programs_dir/nfdict" || return

	# Only those of our headers whose copies on this machine may be too old.
	mkdir -p "$uapi" || return
	for h in nf_tables nf_dict_common nfnetlink nfnetlink_dict; do
		h=$1/include/uapi/linux/netfilter/$h.h
		cmp -s "$h" "$uapi/${h##*/}" || replace "$h" "$uapi/${h##*/}" || return
	done
	program "$1" "$selftests/nft_bytecode.c" "$programs_dir/nft_bytecode" &&
		ln -sf "$programs_dir/nft_bytecode" "$selftests/nft_bytecode" &&
		program "$1" "$selftests/nfnetlink_dict.c" "$selftests/nfnetlink_dict" &&
		program "$1" "$selftests/nfnetlink_dict_fail.c" "$selftests/nfnetlink_dict_fail" &&
		program "$1" "$selftests/nfnetlink_dict_fuzz.c" "$selftests/nfnetlink_dict_fuzz" &&
		program "$1" "$selftests/nf_dict_unload.c" "$selftests/nf_dict_unload" &&
		program "$1" "$selftests/nft_dict.c" "$selftests/nft_dict" &&
		program "$1" "$top/tests/bench/dict-bench.c" "$programs_dir/dict-bench" &&
		program "$1" "$top/tests/bench/dict-stall.c" "$programs_dir/dict-stall" &&
		program "$1" "$top/tests/legacy/legacy-daemon.c" "$programs_dir/legacy-daemon"
}

# program DIR SOURCE PROGRAM: builds one, unless it is up to date.
program() {
	local newest

	newest=$(find "$1/uapi" "$selftests/nf_dict_mnl.h" "$2" -type f -printf '%T@ %p\n' |
		sort -rn | head -n 1)
	[[ ! -e $3 || ${newest#* } -nt $3 ]] || return 0
	gcc -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wno-missing-field-initializers \
		-Wno-unused-parameter -Wno-sign-compare -Wno-clobbered \
		-isystem "$1/uapi" -o "$3.new" "$2" -lmnl &&
		mv -f "$3.new" "$3"
}
