# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the programs that tests need: nfdict, and nft_bytecode, which loads
# rules without an nft that knows dict. Sourced after lib.sh and tree.sh.

# programs_ready: sets programs_dir, where they are.
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
	log=$cache_log/programs.log
	run "building nfdict and nft_bytecode" "$log" programs_build "$src" ||
		die "the programs do not build (log: $log)"
	unlock programs
}

programs_build() {
	local loader=$1/tools/testing/selftests/net/netfilter/nft_bytecode.c
	local uapi=$1/uapi/linux/netfilter out=$programs_dir/nft_bytecode h

	make -C "$1/tools/nfdict" nfdict || return
	cmp -s "$1/tools/nfdict/nfdict" "$programs_dir/nfdict" ||
		replace "$1/tools/nfdict/nfdict" "$programs_dir/nfdict" || return

	# Of our headers those alone that the system's may be too old for.
	mkdir -p "$uapi" || return
	for h in nf_tables nf_dict_common nfnetlink_dict; do
		h=$1/include/uapi/linux/netfilter/$h.h
		cmp -s "$h" "$uapi/${h##*/}" || replace "$h" "$uapi/${h##*/}" || return
	done
	if [[ ! $out -nt $loader || ! $out -nt $uapi/nf_tables.h ]]; then
		gcc -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wno-missing-field-initializers \
			-isystem "$1/uapi" -o "$out.new" "$loader" -lmnl || return
		mv -f "$out.new" "$out"
	fi
}
