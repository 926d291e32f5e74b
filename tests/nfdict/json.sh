#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# JSON of every command that prints.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"
need python3

n=$nfdict

# query EXPRESSION: prints its value for the document on standard input, "doc".
query() {
	PYTHONIOENCODING=utf-8:surrogateescape python3 -c '
import json, sys
doc = json.load(sys.stdin)
print(eval(sys.argv[1]))' "$1"
}

is "no tables" "$("$n" -j list | query doc)" "{'tables': []}"
"$n" restore <<-'END'
	create sessions size 9 timeout 60
	set sessions 17 b bool true i int -5 l int64 9223372036854775807 s long_string "q\"\\\n\x01\xff" timeout 1000.5
	set sessions 10.0.0.1 a ipv4_addr 1.2.3.4 v ipv6_addr ::1 m ether_addr 00:11:22:33:44:55 timeout 0
	set sessions ::2 f int 1
	set sessions 00:11:22:33:44:55 f int 1
	set sessions "Jürgen \x80" "größe" int 1
	set sessions raw:00ff f int 1
	create empty
END
"$n" -j list >"$work/list"
q() { is "$1" "$(query "$2" <"$work/list")" "$3"; }
q "tables" "[(t['name'], t['size'], t['timeout'], len(t['rows'])) for t in doc['tables']]" \
	"[('sessions', 9, 60, 6), ('empty', 0, 0, 0)]"
row="{r['key']['type']: r for r in doc['tables'][0]['rows']}"
q "keys" "sorted((k, r['key']['value']) for k, r in $row.items() if k != 'string')" \
	"[('ether_addr', '00:11:22:33:44:55'), ('int', 17), ('ipv4_addr', '10.0.0.1'), ('ipv6_addr', '::2'), ('raw', '00ff')]"
q "values" "[(f['type'], f['value']) for f in (${row}['int']['fields'][x] for x in 'bil')]" \
	"[('bool', True), ('int', -5), ('int64', '9223372036854775807')]"
q "addresses" "[(f['type'], f['value']) for f in (${row}['ipv4_addr']['fields'][x] for x in 'avm')]" \
	"[('ipv4_addr', '1.2.3.4'), ('ipv6_addr', '::1'), ('ether_addr', '00:11:22:33:44:55')]"
q "strings lose nothing" "${row}['int']['fields']['s']['value'].encode('utf-8', 'surrogateescape')" \
	"b'q\"\\\\\\n\\x01\\xff'"
q "string keys, neither" "${row}['string']['key']['value'].encode('utf-8', 'surrogateescape').hex()" \
	"$(printf 'Jürgen \x80' | od -An -tx1 | tr -d ' \n')"
q "names of fields" "list(${row}['string']['fields'])" "['größe']"
q "timeouts" "[${row}['int']['timeout'], 0 < ${row}['int']['expires'] <= 1000.5, ${row}['ipv4_addr']['timeout']]" \
	"[1000.5, True, 0]"

is "save" "$("$n" -j save | query "['expires' in r for r in doc['tables'][0]['rows']].count(True)")" 0
is "list -n" "$("$n" -j list -n | query doc)" "{'tables': [{'name': 'sessions'}, {'name': 'empty'}]}"
is "list -t" "$("$n" -j list -t | query doc)" \
	"{'tables': [{'name': 'sessions', 'size': 9, 'timeout': 60}, {'name': 'empty', 'size': 0, 'timeout': 0}]}"
is "get" "$("$n" get -j sessions 17 i | query "(doc['table'], doc['key'], doc['fields'])")" \
	"('sessions', {'type': 'int', 'value': 17}, {'i': {'type': 'int', 'value': -5}})"
is "stats" "$("$n" stats -j | query "[(t['name'], t['stats']['rows'], t['stats']['rules'], sorted(t['stats'])) for t in doc['tables']][0]")" \
	"('sessions', 6, 0, ['bytes', 'drops', 'expired', 'rows', 'rules'])"

# restore reads what other commands print.
"$n" set sessions 18 min int64 -9223372036854775808 edge int64 9007199254740992 past int64 9007199254740993
"$n" set -- -t 18446744073709551615 -f int 1
is "numbers up to 2^53 are numbers, others strings" \
	"$("$n" get -j sessions 18 | query "[doc['fields'][x]['value'] for x in ('min', 'edge', 'past')]")" \
	"['-9223372036854775808', 9007199254740992, '9007199254740993']"
before=$("$n" save --sorted)
tables=(sessions empty -t)
for form in "save -j" "list -j" "list -j --sorted"; do
	# shellcheck disable=SC2086 # words
	"$n" $form >"$work/doc"
	for filter in cat "python3 -m json.tool" "python3 -m json.tool --sort-keys --compact"; do
		"$n" destroy -- "${tables[@]}"
		ok "restore -j of $form | $filter" bash -c "$filter <'$work/doc' | '$n' restore -j"
		is "it is all there again" "$("$n" save --sorted)" "$before"
	done
done
fails "restore -j again" 1 "$work/doc: line 2: -t: table exists already" "$n" restore -j "$work/doc"
ok "restore -j -exist" "$n" restore -j -exist "$work/doc"
"$n" set sessions 99 f int 1
ok "restore -j --swap" "$n" restore -j --swap "$work/doc"
is "has what the file says" "$("$n" save --sorted)" "$before"
is "and nothing is left" "$("$n" list -n | grep -c restore || true)" 0
"$n" get -j sessions 17 >"$work/row"
"$n" delete sessions 17
ok "restore -j of a row" "$n" restore -j "$work/row"
is "it is all there again" "$("$n" save --sorted)" "$before"

# A copy by events
"$n" monitor -j --sync >"$work/events" &
monitor=$!
wait_for grep -q synced "$work/events"
"$n" restore <<-'END'
	set sessions 20 a int 1 b int 2
	set sessions 20 a int 3
	delete sessions 20 b
	replace sessions 21 s long_string "x y" timeout 0
	delete sessions 21
	create gone
	set gone 1 a int 1
	swap gone empty
	flush empty
	destroy gone
	set sessions last a int 1
END
wait_for grep -q '"last"' "$work/events" || :
kill "$monitor"
wait "$monitor" 2>/dev/null || :
export n work
# shellcheck disable=SC2016 # for that shell
is "monitor -j | restore -j makes a copy" \
	"$(unshare -n sh -c '"$n" restore -j -exist "$work/events" && "$n" save --sorted')" \
	"$("$n" save --sorted)"

# Documents that are refused
while IFS=$'\t' read -r doc why; do
	fails "restore -j of $doc" 2 "standard input: $why" "$n" restore -j <<<"$doc"
done <<-'END'
	x	line 1: { is expected
	{"tables": [{"name": "x"	line 2: } is expected, but the text ends
	{"tables": [{"rows": []}]}	line 1: the name of a table is expected before its rows
	{"tables": [{"name": "x,y"}]}	line 1: x,y: name has white space, a comma or a control character
	{"tables": [{"name": "x", "size": -1}]}	line 1: size is no number from 0 to 4294967295
	{"tables": [{"name": "x", "timeout": 5000000}]}	line 1: timeout is out of range
	{"table": "x", "key": {"type": "int"}}	line 1: "type" and "value" are expected
	{"table": "x", "key": {"type": "ip4", "value": "1.2.3.4"}}	line 1: key has an unknown type
	{"table": "x", "key": {"type": "ipv4_addr", "value": "1.2.3"}}	line 1: key 1.2.3: not an IPv4 address
	{"table": "x", "key": {"type": "int", "value": 1.5}}	line 1: key 1.5: not a number from 0 to 18446744073709551615
	{"table": "x", "fields": {"a": {"type": "int", "value": 1}}}	line 1: row has no key
	{"key": {"type": "int", "value": 1}, "fields": {"a": {"type": "int", "value": 1}}, "event": "set"}	line 1: "table" is missing
	{"table": "x", "key": {"type": "int", "value": 1}, "fields": {}}	line 1: x: 1: row has no fields
	{"table": "x", "key": {"type": "int", "value": 1}, "fields": {"a": {"type": "int", "value": 2147483648}}}	line 1: field a: int 2147483648: beyond 32 bits; int64 has 64
	{"table": "x", "key": {"type": "int", "value": 1}, "fields": {"a": {"type": "int", "value": 1}, "a": {"type": "int", "value": 1}}}	line 1: x: 1: a: row has a field twice
	{"table": "x", "key": {"type": "int", "value": 1}, "fields": {"a": {"type": "long_string", "value": 1}}}	line 1: a string is expected
	{"table": "x\u0000"}	line 1: a NUL byte cannot be stored
	{"table": "\ud800x"}	line 1: half of a pair of surrogates
	{"table": "x", "event": "frob"}	line 1: unknown event
	{"table": "x	line 1: " is missing at the end of a string
END
is "nothing came of them" "$("$n" list -n | grep -c x || true)" 0
fails "the line of an error" 2 "standard input: line 3: unknown event" "$n" restore -j <<-END
	{"table": "t", "key": {"type": "int", "value": 1}, "fields": {"a": {"type": "int", "value": 1}}}

	{"table": "t", "key": {"type": "int", "value": 2}, "event": "frob"}
END
"$n" -q destroy t
fails "an error prints no half document" 1 "none: table does not exist" "$n" -j list none

end
