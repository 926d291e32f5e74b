# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Bash completion for nfdict(8); "nfdict --complete" prints the candidates
#
# Copyright (C) 2025 The nft_dict authors

_nfdict()
{
	local cur words cword i

	# Without this, the colons of keys would split words.
	if declare -F _get_comp_words_by_ref >/dev/null; then
		_get_comp_words_by_ref -n := cur words cword
	else
		cur=${COMP_WORDS[COMP_CWORD]}
		words=("${COMP_WORDS[@]}")
		cword=$COMP_CWORD
	fi
	mapfile -t COMPREPLY < <("${words[0]}" --complete \
		"${words[@]:1:cword-1}" "$cur" 2>/dev/null)
	for i in "${!COMPREPLY[@]}"; do
		printf -v "COMPREPLY[i]" %q "${COMPREPLY[i]}"
	done
	if ((!${#COMPREPLY[@]})) && [[ " ${words[*]:1:cword-1} " == *' restore '* ]]; then
		compopt -o default 2>/dev/null
	fi
	if declare -F __ltrim_colon_completions >/dev/null; then
		__ltrim_colon_completions "$cur"
	fi
}

complete -F _nfdict nfdict
