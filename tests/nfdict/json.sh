#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# JSON of every command that prints.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"
need python3

n=$nfdict

# Prints what an expression makes of the document.
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
	"[('int', 17), ('ip', '10.0.0.1'), ('ip6', '::2'), ('mac', '00:11:22:33:44:55'), ('raw', '00ff')]"
q "values" "[(f['type'], f['value']) for f in (${row}['int']['fields'][x] for x in 'bil')]" \
	"[('bool', True), ('int', -5), ('int64', 9223372036854775807)]"
q "addresses" "[(f['type'], f['value']) for f in (${row}['ip']['fields'][x] for x in 'avm')]" \
	"[('ipv4_addr', '1.2.3.4'), ('ipv6_addr', '::1'), ('ether_addr', '00:11:22:33:44:55')]"
q "strings lose nothing" "${row}['int']['fields']['s']['value'].encode('utf-8', 'surrogateescape')" \
	"b'q\"\\\\\\n\\x01\\xff'"
q "string keys, neither" "${row}['string']['key']['value'].encode('utf-8', 'surrogateescape').hex()" \
	"$(printf 'Jürgen \x80' | od -An -tx1 | tr -d ' \n')"
q "names of fields" "list(${row}['string']['fields'])" "['größe']"
q "timeouts" "[${row}['int']['timeout'], 0 < ${row}['int']['expires'] <= 1000.5, 'timeout' in ${row}['ip']]" \
	"[1000.5, True, False]"

is "save" "$("$n" -j save | query "['expires' in r for r in doc['tables'][0]['rows']].count(True)")" 0
is "list -n" "$("$n" -j list -n | query doc)" "{'tables': [{'name': 'sessions'}, {'name': 'empty'}]}"
is "list -t" "$("$n" -j list -t | query doc)" \
	"{'tables': [{'name': 'sessions', 'size': 9, 'timeout': 60}, {'name': 'empty', 'size': 0, 'timeout': 0}]}"
is "get" "$("$n" get -j sessions 17 i | query "(doc['table'], doc['key'], doc['fields'])")" \
	"('sessions', {'type': 'int', 'value': 17}, {'i': {'type': 'int', 'value': -5}})"
is "stats" "$("$n" stats -j | query "[(t['name'], t['stats']['rows'], t['stats']['rules'], sorted(t['stats'])) for t in doc['tables']][0]")" \
	"('sessions', 6, 0, ['bytes', 'drops', 'expired', 'rows', 'rules'])"
fails "an error prints no half document" 1 "none: table does not exist" "$n" -j list none

end
