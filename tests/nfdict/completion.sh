#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Completion of what the kernel knows.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

n=$nfdict
"$n" restore <<-'END'
	set hosts 10.0.0.1 user long_string x quota int64 5
	set hosts 10.0.0.2 ok bool true
	set hosts "a b" user long_string y
	set sessions 17 application long_string z
	create -- -t
END
# completes NAME WANT WORD...
completes() {
	local name=$1 want=$2

	shift 2
	is "$name" "$("$n" --complete "$@" 2>&1 | LC_ALL=C sort | tr '\n' '|')" "$want"
}
completes "tables" "-t|hosts|sessions|" get ''
completes "some of them" "hosts|" list -j h
completes "any number of them" "sessions|" list hosts s
completes "pairs to be swapped" "-t|hosts|sessions|" swap a b ''
completes "no table that is new" "" create ''
completes "properties of one" "field|key|open|size|timeout|" create t field f int size 5 ''
completes "types" "int|int64|" create t field f in
completes "no name of a field" "" create t field ''
completes "keys" "10.0.0.1|10.0.0.2|" get hosts 1
completes "with blanks" "a b|" delete -exist hosts a
completes "fields of a row" "quota|user|" delete hosts 10.0.0.1 ''
completes "or of its table" "ok|quota|timeout|user|" set hosts 10.0.0.9 ''
completes "further ones" "quota|" set hosts 10.0.0.1 user long_string x q
completes "what to do with a number" "add|" update hosts 10.0.0.1 quota int64 a
completes "and what stands behind" "int|int64|" update hosts 10.0.0.1 quota int64 add 5 x in
completes "tables for a list" "hosts|" load --swap h
completes "and fields, no keys" "ok|quota|timeout|user|" load hosts ''
completes "and types" "int|int64|" load hosts quota in
completes "and further fields" "quota|" load hosts ok bool true q
completes "the argument of -k" "10.0.0.1|10.0.0.2|17|a b|" list -k ''
completes "for a table" "17|" list sessions --key ''
completes "and of -f" "application|" list -f a
completes "for a table, too" "ok|" list hosts -jf o
completes "what stands after it" "hosts|" list -k 17 ho
completes "a table like an option, after --" "-t|" list -- -
seq -f 'set many %.0f f int 1' 5000 | "$n" restore
is "no more than a thousand keys" "$("$n" --complete get many '' | wc -l)" 1000
completes "nothing after an unknown command" "" frob ''

end
