# SPDX-License-Identifier: GPL-2.0-only
# Fish completion for nfdict(8); "nfdict --complete" prints the candidates
#
# Copyright (C) 2026 The nft_dict authors

function __nfdict_complete
	set -l words (commandline -opc)
	$words[1] --complete $words[2..-1] (commandline -ct) 2>/dev/null
end

complete -c nfdict -f -a '(__nfdict_complete)'
complete -c nfdict -n '__fish_seen_subcommand_from restore' -F
