#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Lists of strings.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

n=$nfdict

ok "set" "$n" set users u1 groups string_list exec,onsite,engineering,exec
prints "sorted, each once" "set users u1 groups string_list engineering,exec,onsite" "$n" get users u1
prints "the value alone" "engineering,exec,onsite" "$n" get -r users u1 groups
prints "JSON: an array" \
	'{"table": "users", "key": {"type": "string", "value": "u1"}, "fields": {"groups": {"type": "string_list", "value": ["engineering", "exec", "onsite"]}}}' \
	"$n" -j get users u1
ok "add members" "$n" update users u1 groups string_list add sales,exec
prints "they are there" "engineering,exec,onsite,sales" "$n" get -r users u1 groups
ok "remove members" "$n" update users u1 groups string_list sub onsite,nobody
prints "they are gone" "engineering,exec,sales" "$n" get -r users u1 groups
ok "a field that is new" "$n" update users u1 roles string_list add admin
prints "is created" "admin" "$n" get -r users u1 roles
fails "a field that is not there to remove from" 1 "users: u1: row or field does not exist" \
	"$n" update users u1 other string_list sub admin
fails "a row that is not there" 1 "users: u2: row or field does not exist" \
	"$n" update users u2 groups string_list add admin
ok "a number" "$n" set users u1 num int 1
fails "is no list" 1 "users: u1: field is not a list" "$n" update users u1 num string_list add a
fails "nor is a list a number" 1 "users: u1: field is not a number" "$n" update users u1 groups int add 1
ok "a member called add" "$n" set users u3 groups string_list add timeout 0
prints "is a member" "add" "$n" get -r users u3 groups
ok "the last is removed" "$n" update users u1 roles string_list sub admin
prints "leaves an empty list" 'set users u1 roles string_list ""' "$n" get users u1 roles
ok "members with commas, backslashes, blanks and quotes" \
	"$n" set users "u 4" groups string_list 'sales\, emea,\\,"x" ,ü'
prints "come back" '"x" ,\\,sales\, emea,ü' "$n" get -r users "u 4" groups

# Errors
fails "an empty member" 2 "field f: string_list a,,b: a member is empty, or a backslash stands at the end" \
	"$n" set users u1 f string_list a,,b
fails "a comma at the end" 2 "field f: string_list a,: a member is empty, or a backslash stands at the end" \
	"$n" set users u1 f string_list a,
many=$(seq -s , 1000 1255)
fails "256 members" 2 "field f: string_list ${many:0:61}...: more than 255 members" "$n" set users u1 f string_list "$many"
ok "255 members" "$n" set users u5 f string_list "${many%,*}"
fails "and one more" 1 "users: u5: the list would have more than 255 members or 4095 bytes" \
	"$n" update users u5 f string_list add one
long=$(printf 'x%.0s' {1..4095})
ok "4095 bytes" "$n" set users u5 f string_list "$long"
prints "come back" "$long" "$n" get -r users u5 f
fails "4096 bytes" 2 "field f: string_list ${long:0:61}...: longer than 4095 bytes" "$n" set users u5 f string_list "x$long"
"$n" delete users u5

# Save, restore, and what tables declare
"$n" create decl field groups string_list
fails "another type" 1 "decl: 1: groups: table declares the field as string_list" "$n" set decl 1 groups long_string a
ok "the one declared" "$n" set decl 1 groups string_list b,a
fails "adding what is not declared" 1 "decl: 1: g: table declares no such field" "$n" update decl 1 g string_list add a
before=$("$n" save --sorted)
for opt in "" -j; do
	# shellcheck disable=SC2086 # no option is no word
	"$n" save $opt >"$work/save"
	"$n" destroy users decl
	# shellcheck disable=SC2086
	ok "restore $opt" "$n" restore $opt "$work/save"
	is "all is as it was $opt" "$("$n" save --sorted)" "$before"
done
json() { printf '{"tables": [{"name": "j", "rows": [{"key": {"type": "int", "value": 1}, "fields": {"f": {"type": "%s", "value": %s}}}]}]}' "$1" "$2"; }
fails "a list that is no array" 2 "standard input: line 1: an array of strings is expected" \
	"$n" restore -j -exist < <(json string_list '"a"')
fails "an array that is no list" 2 "standard input: line 1: a string is expected" \
	"$n" restore -j -exist < <(json long_string '["a"]')
fails "an empty member" 2 "standard input: line 1: member of a list is empty" \
	"$n" restore -j -exist < <(json string_list '["a", ""]')
ok "an empty array" "$n" restore -j -exist < <(json string_list '[]')
prints "is an empty list" 'set j 1 f string_list ""' "$n" get j 1

# Events
"$n" monitor users >"$work/heard" &
pid=$!
# shellcheck disable=SC2317 # wait_for calls it
heard() { "$n" set users probe f int 1; [[ -s $work/heard ]]; }
wait_for heard || :
"$n" update users u1 groups string_list add onsite
# shellcheck disable=SC2317 # wait_for calls it
told() { grep -q onsite "$work/heard"; }
wait_for told || :
kill "$pid"
wait "$pid" 2>/dev/null || :
is "an event has the list that results" "$(grep onsite "$work/heard")" \
	"set users u1 groups string_list engineering,exec,onsite,sales"

# Two writers at once lose none of each other's members.
for d in a b; do
	for ((i = 0; i < 100; i++)); do
		echo "update users u1 many string_list add $d$i"
	done >"$work/$d"
done
"$n" restore "$work/a" &
"$n" restore "$work/b"
wait "$!"
is "two that add at once" "$("$n" get -r users u1 many | tr , '\n' | wc -l)" 200

if [[ -e /proc/net/dict/all ]]; then
	echo -n "table=p,key_string=u,field=g,list=exec,a,exec" >/proc/net/dict/write
	prints "/proc writes" "a,exec" "$n" get -r p u g
	"$n" update p u g string_list add 'x\,y'
	echo -n table=p >/proc/net/dict/read
	is "/proc lists" "$(</proc/net/dict/read)" 'table: p key_string: u field: g list: a,exec,x\054y'
	echo -n "table=p,key_string=u,field=g,list=a,,b" >/proc/net/dict/write 2>/dev/null && rc=0 || rc=$?
	is "/proc refuses an empty member" "$rc $("$n" get -r p u g)" '1 a,exec,x\,y'
fi

end
