# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Bash completion for nfdict(8)
#
# Copyright (C) 2025 The nft_dict authors

_nfdict_tables()
{
	nfdict -q list -n 2>/dev/null
}

# Keys of a table, the first thousand.
_nfdict_keys()
{
	nfdict -q list "$1" 2>/dev/null |
		sed -n '1001q; s/^set [^ ]* \([^ "]*\) .*/\1/p'
}

# Fields of a row.
_nfdict_fields()
{
	nfdict -q get "$1" "$2" 2>/dev/null |
		grep -Eo '[^ "]+ (bool|int|int64|ipv4_addr|ipv6_addr|ether_addr|long_string) ' |
		cut -d ' ' -f 1
}

_nfdict()
{
	local commands='create change destroy flush swap rename set add replace
		update delete get list save restore stats monitor'
	local options='-e --exist -f --field -j --json -k --key -n --names
		-q --quiet -r --raw --remaining -s --sync --sorted --swap
		-t --terse -h --help -V --version'
	local types='bool int int64 ipv4_addr ipv6_addr ether_addr long_string'
	local cur prev command='' words=() cword i at

	# Without this, the colons of keys would split words.
	if declare -F _get_comp_words_by_ref >/dev/null; then
		_get_comp_words_by_ref -n : cur prev words cword
	else
		cur=${COMP_WORDS[COMP_CWORD]}
		prev=${COMP_WORDS[COMP_CWORD - 1]}
		words=("${COMP_WORDS[@]}")
		cword=$COMP_CWORD
	fi
	COMPREPLY=()

	# The command, and the place of this word after it.
	local args=()
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-k | --key | -f | --field) ((i++)) ;;
		-*) ;;
		*)
			if [[ $command ]]; then
				args+=("${words[i]}")
			else
				command=${words[i]}
			fi
			;;
		esac
	done
	at=${#args[@]}

	case $prev in
	-k | --key | -f | --field) return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		return
	fi
	if [[ ! $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
		return
	fi

	local offer=''
	case $command in
	create | change)
		if ((at == 0)); then
			[[ $command == create ]] || offer=$(_nfdict_tables)
		elif ((at % 2)); then
			offer='size timeout'
		fi
		;;
	destroy | flush | list | ls | show | save | stats | monitor)
		offer=$(_nfdict_tables)
		;;
	swap)
		((at > 1)) || offer=$(_nfdict_tables)
		;;
	rename)
		((at > 0)) || offer=$(_nfdict_tables)
		;;
	set | add | replace | update)
		if ((at == 0)); then
			offer=$(_nfdict_tables)
		elif ((at == 1)); then
			offer=$(_nfdict_keys "${args[0]}")
		elif ((at % 3 == 2)); then
			offer="$(_nfdict_fields "${args[0]}" "${args[1]}") timeout"
		elif ((at % 3 == 0)); then
			[[ $prev == timeout ]] || offer=$types
		elif [[ $prev == bool ]]; then
			offer='true false'
		fi
		;;
	delete | del | get)
		if ((at == 0)); then
			offer=$(_nfdict_tables)
		elif ((at == 1)); then
			offer=$(_nfdict_keys "${args[0]}")
		else
			offer=$(_nfdict_fields "${args[0]}" "${args[1]}")
		fi
		;;
	restore)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$offer" -- "$cur")
	if declare -F __ltrim_colon_completions >/dev/null; then
		__ltrim_colon_completions "$cur"
	fi
}

complete -F _nfdict nfdict
