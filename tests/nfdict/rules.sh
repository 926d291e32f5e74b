#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# nfdict with tables that rules use, and rows that packets write.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"
need nft nft_bytecode ping

n=$nfdict
ip link set lo up
nft_bytecode <<-'END' || die "the rules do not load"
	table ip filter
	chain ip filter out { type filter hook output priority 0; policy accept; }
	ip filter out
	  [ meta load l4proto => reg 2 ]
	  [ cmp eq reg 2 0x00000001 ]
	  [ payload load 4b @ network header + 16 => reg 1 ]
	  [ dict set key ipv4_addr reg 1 "seen" . "by" int 7 ]
END
prints "a table that a rule mentions is there" "create seen" "$n" list seen
is "stats tell of the rule" "$("$n" stats seen | grep -o 'rules [0-9]*')" "rules 1"
fails "it cannot be destroyed" 1 "seen: table is used by a rule" "$n" destroy seen
fails "nor renamed" 1 "seen: table is used by rules" "$n" rename seen other
is "and nothing is left of the attempt" "$("$n" list -n)" seen

"$n" monitor --sync >"$work/log" &
monitor=$!
wait_for grep -q 'end of the listing' "$work/log"
ping -q -c 1 127.0.0.1 >/dev/null
ping -q -c 1 127.0.0.2 >/dev/null
wait_for grep -q 127.0.0.2 "$work/log" || :
kill "$monitor"
wait "$monitor" 2>/dev/null || :
prints "a packet writes a row" "set seen 127.0.0.1 by int 7" "$n" get seen 127.0.0.1
is "monitor hears of it" "$(sed '1,/end of the listing/d' "$work/log" | grep '^replace')" \
	$'replace seen 127.0.0.1 by int 7\nreplace seen 127.0.0.2 by int 7'

ok "flush" "$n" flush seen
ok "another row" "$n" set seen other by int 1
ok "no room for more" "$n" change seen size 1
ping -q -c 1 127.0.0.1 >/dev/null
is "what packets could not write is counted" \
	"$("$n" stats seen | sed 's/bytes [0-9]*/bytes N/; s/drops [1-9][0-9]*/drops some/')" \
	"seen rows 1 size 1 rules 1 bytes N drops some expired 0"
ok "restore --swap under the rule" "$n" restore --swap - <<<"set seen 10.0.0.1 by int 1"
prints "gives it the new rows" $'create seen size 1\nset seen 10.0.0.1 by int 1' "$n" list seen
nft flush ruleset
ok "without the rule it can be destroyed" "$n" destroy seen

end
