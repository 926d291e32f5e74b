#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Lists of keys.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

n=$nfdict

"$n" set l 10.0.0.1 old int 1
ok "a list" "$n" load l blocked bool true source long_string "a b" timeout 1h < <(printf '%s\n' \
	'# a comment' '' 10.0.0.1 $'\t2001:db8::1 ' $'00:11:22:33:44:55\r' 7 \
	example.com '  # another' '"with blanks"   # why' 'string:42')
prints "all kinds of keys, other fields stay" 'create l
set l 7 blocked bool true source long_string "a b" timeout 3600
set l 10.0.0.1 blocked bool true old int 1 source long_string "a b" timeout 3600
set l 2001:db8::1 blocked bool true source long_string "a b" timeout 3600
set l 00:11:22:33:44:55 blocked bool true source long_string "a b" timeout 3600
set l string:42 blocked bool true source long_string "a b" timeout 3600
set l example.com blocked bool true source long_string "a b" timeout 3600
set l "with blanks" blocked bool true source long_string "a b" timeout 3600' \
	"$n" save --sorted l
"$n" destroy l
ok "values that begin with a dash, and a mark, and no newline at the end" \
	"$n" load l n int -5 name long_string --swap < <(printf '\xef\xbb\xbf1\n2')
prints "are taken" $'create l\nset l 1 n int -5 name long_string --swap\nset l 2 n int -5 name long_string --swap' \
	"$n" save --sorted l
ok "an empty list" "$n" load l n int 1 </dev/null
is "adds nothing" "$("$n" list l | grep -c ^set)" 2

# Errors
before=$("$n" save --sorted)
fails "no fields" 2 "usage: nfdict load [--swap] TABLE FIELD TYPE VALUE... [timeout TIME]" "$n" load l timeout 5 timeout 6 </dev/null
fails "a wrong value, before the list is read" 2 "field f: int x: not a number" "$n" load l f int x <<<"["
fails "not in a file" 2 "standard input: line 1: load: not possible in a file" "$n" restore <<<"load l f int 1"
fails "no JSON" 2 "--json has no meaning with load; a word that begins with - stands after --" \
	"$n" load -j l f int 1
fails "two words" 2 "standard input: line 3: b: one key a line; one with blanks is quoted" \
	"$n" load --swap l f int 1 <<<$'x\n\na b'
fails "a network" 2 \
	"standard input: line 2: key 10.0.0.0/8: a network, not an address; string: makes it a string" \
	"$n" load --swap l f int 1 <<<$'10.0.0.1\n10.0.0.0/8'
fails "quotes" 2 "standard input: line 1: unfinished quotes" "$n" load --swap l f int 1 <<<'"x'
fails "an empty list with --swap" 1 "standard input: no keys: nothing has changed" \
	"$n" load --swap l f int 1 <<<"# nothing"
is "nothing has changed" "$("$n" save --sorted)" "$before"
fails "what came before" 2 "standard input: line 3: key 1.2.3: neither a number nor an address; string: makes it a string" \
	"$n" load l f int 1 <<<$'8\n9\n1.2.3\n10'
is "has taken effect, what stands behind has not" \
	"$("$n" -q get -r l 8 f; "$n" -q get -r l 9 f; "$n" -q get -r l 10 f || echo none)" $'1\n1\nnone'
"$n" destroy l

# Replacing a table in one step
"$n" create l key ipv4_addr field listed bool open size 3 timeout 60
"$n" set l 10.0.0.1 listed bool true
fails "a key of another class" 1 "standard input: line 2: l: example.com: table has keys of class ipv4_addr" \
	"$n" load --swap l listed bool true <<<$'10.0.0.2\nexample.com'
fails "another type" 1 "standard input: line 1: l: 10.0.0.2: listed: table declares the field as bool" \
	"$n" load --swap l listed int 1 <<<10.0.0.2
fails "more than the table holds" 1 "standard input: line 4: l: 10.0.0.5: the table is full" \
	"$n" load --swap l listed bool true < <(printf '10.0.0.%d\n' 2 3 4 5)
prints "the old rows stay" $'create l key ipv4_addr field listed bool open size 3 timeout 60\nset l 10.0.0.1 listed bool true timeout 60' \
	"$n" save l
ok "new rows" "$n" load --swap l listed bool true < <(printf '10.0.0.%d\n' 2 3 2 4)
prints "replace them, what the table declares stays" 'create l key ipv4_addr field listed bool open size 3 timeout 60
set l 10.0.0.2 listed bool true timeout 60
set l 10.0.0.3 listed bool true timeout 60
set l 10.0.0.4 listed bool true timeout 60' "$n" save --sorted l
ok "a table that is new" "$n" load --swap new f int 1 <<<1
prints "is created" $'create new\nset new 1 f int 1' "$n" save new
is "nothing is left behind" "$("$n" list -n)" $'l\nnew'
"$n" destroy l new

# While a list is replaced, readers see the whole old one or the whole new one.
rows=20000
[[ ! ${QUICK:-} ]] || rows=2000
seq -f 'old-%.0f' "$rows" >"$work/old"
seq -f 'new-%.0f' "$rows" >"$work/new"
ok "a long list" "$n" load --swap long v int 1 <"$work/old"
for ((i = 0; i < 4; i++)); do
	"$n" load --swap long v int 1 <"$work/new"
	"$n" load --swap long v int 1 <"$work/old"
done &
pid=$!
seen=0 mixed=0
while kill -0 "$pid" 2>/dev/null; do
	"$n" save long >"$work/seen" || :
	read -r news olds < <(awk '/ new-/ { n++ } / old-/ { o++ } END { print n + 0, o + 0 }' "$work/seen")
	((seen += 1))
	[[ "$news $olds" == "$rows 0" || "$news $olds" == "0 $rows" ]] || ((mixed += 1))
done
wait "$pid"
echo "# $seen listings"
is "each listing has all of one list" "$((seen > 0)) $mixed" "1 0"

end
