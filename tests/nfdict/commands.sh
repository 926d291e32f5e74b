#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every command of nfdict but restore and monitor.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

n=$nfdict

# Types and keys
ok "set creates table and row" "$n" set sessions 17 application long_string NETFLIX
prints "get prints the row as a command" \
	"set sessions 17 application long_string NETFLIX" "$n" get sessions 17
prints "a field's value alone" NETFLIX "$n" get -r sessions 17 application
ok "every type at once" "$n" set t k b bool true i int -5 j integer 5 \
	l int64 -9223372036854775808 a ipv4_addr 192.168.1.1 \
	v ipv6_addr 2001:0db8:ac10:fe01:: m ether_addr 00:20:00:AA:bb:cc \
	s long_string 'a b' e long_string ''
prints "every type is printed" \
	'set t k b bool true i int -5 j int 5 l int64 -9223372036854775808 a ipv4_addr 192.168.1.1 v ipv6_addr 2001:db8:ac10:fe01:: m ether_addr 00:20:00:aa:bb:cc s long_string "a b" e long_string ""' \
	"$n" get t k b i j l a v m s e
prints "values raw, as they are" $'a b\n\n-5' "$n" get --raw t k s e i
long=$(printf 'x%.0s' {1..128})
for key in 0 18446744073709551615 192.168.1.100 2001:db8::1 00:11:22:33:44:55 \
	user123 string:42 string:192.168.1.1 raw:0a000001c0a80101 "$long"; do
	ok "set with key $key" "$n" set keys "$key" f int 1
	prints "get with key $key" "set keys $key f int 1" "$n" get keys "$key"
done
is "keys of different types are different rows" \
	"$("$n" list keys | grep -c ^set)" 10
prints "int:0x11 and 17 are one key" "set sessions 17 application long_string NETFLIX" \
	"$n" get sessions int:0x11
prints "mac: and ether: are one type" "set keys 00:11:22:33:44:55 f int 1" \
	"$n" get keys ether:00-11-22-33-44-55
string=$(printf 's%.0s' {1..4095})
ok "a name of 128 bytes" "$n" set "$long" "$long" "$long" long_string "$string"
prints "and back, with a string of 4095" "$string" "$n" get -r "$long" "$long" "$long"
ok "destroy it" "$n" destroy "$long"

# set, add, replace, update
ok "set adds fields" "$n" set sessions 17 bytes int64 5
prints "others stay" "set sessions 17 application long_string NETFLIX bytes int64 5" \
	"$n" get sessions 17 application bytes
fails "add refuses a row that exists" 1 "sessions: 17: row exists already" \
	"$n" add sessions 17 x int 1
ok "add -exist takes it" "$n" add -exist sessions 17 bytes int64 6
ok "add creates" "$n" add sessions 18 x int 1
ok "replace drops other fields" "$n" replace sessions 17 x int 1
prints "they are gone" "set sessions 17 x int 1" "$n" get sessions 17
fails "update refuses a missing row" 1 "sessions: 19: row does not exist" \
	"$n" update sessions 19 x int 1
fails "update refuses a missing table" 1 "none: table does not exist" \
	"$n" update none 19 x int 1
ok "update changes a row" "$n" update sessions 18 x int 2
prints "it is changed" "set sessions 18 x int 2" "$n" get sessions 18
ok "a type may change" "$n" set sessions 18 x long_string y
prints "it is changed, too" "set sessions 18 x long_string y" "$n" get sessions 18

# Tables with a class of keys
ok "a table with a class of keys" "$n" create hosts key ip size 5
prints "the class is listed" "create hosts key ipv4_addr size 5" "$n" list hosts
prints "in JSON, too" '{"tables": [
 {"name": "hosts", "key_class": "ipv4_addr", "size": 5, "timeout": 0, "rows": []}]}' \
	"$n" list -j hosts
fails "other keys are refused" 1 "hosts: 192.168.1.1x: table has keys of class ipv4_addr" \
	"$n" set hosts 192.168.1.1x f int 1
fails "deleting them, too" 1 "hosts: 7: table has keys of class ipv4_addr" \
	"$n" delete hosts 7
ok "its keys are not" "$n" set hosts 192.168.1.1 f int 1
ok "change keeps the class" "$n" change hosts size 6
ok "rename keeps it" "$n" rename hosts hosts2
prints "and rows" $'create hosts2 key ipv4_addr size 6\nset hosts2 192.168.1.1 f int 1' \
	"$n" list hosts2
fails "an unknown class" 2 "key nosuch: unknown class" "$n" create t2 key nosuch
fails "another class" 1 "hosts2: table exists with another class of keys" \
	"$n" create -exist hosts2 key int
ok "destroy them" "$n" destroy hosts2

# Tables that declare fields
ok "a table with fields" "$n" create decl key ip field blocked bool field user long_string field size int timeout 1h
prints "they are listed" "create decl key ipv4_addr field blocked bool field user long_string field size int timeout 3600" \
	"$n" list decl
prints "in JSON, too" '{"tables": [
 {"name": "decl", "key_class": "ipv4_addr", "declared": {"blocked": "bool", "user": "long_string", "size": "int"}, "size": 0, "timeout": 3600, "rows": []}]}' \
	"$n" list -j decl
fails "another type is refused" 1 "decl: 10.0.0.1: blocked: table declares the field as bool" \
	"$n" set decl 10.0.0.1 blocked int 1
fails "so is another field" 1 "decl: 10.0.0.1: bloked: table declares no such field" \
	"$n" set decl 10.0.0.1 user long_string x bloked bool true
is "and in /proc" "$( (echo table=decl,key_ip=10.0.0.1,field=blocked,int=1 >/proc/net/dict/write) 2>&1 |
	grep -c 'Invalid argument')" 1
ok "what is declared is not" "$n" set decl 10.0.0.1 user long_string x size int 5
ok "a field more" "$n" change decl field room int64 size 100
prints "it is there" "create decl key ipv4_addr field blocked bool field user long_string field size int field room int64 size 100 timeout 3600" \
	bash -c "$n list decl | head -n 1"
ok "and can be written" "$n" update decl 10.0.0.1 room int64 7
fails "a type cannot change" 1 "decl: room: field is declared twice" "$n" change decl field room int
ok "rename keeps fields" "$n" rename decl decl2
prints "and rows" "set decl2 10.0.0.1 user long_string x size int 5 room int64 7 timeout 3600" \
	bash -c "$n save decl2 | tail -n 1"
fails "declared otherwise" 1 "decl2: table exists and is declared otherwise" "$n" create -exist decl2 field f int
fails "an unknown type" 2 "field f: number: unknown type" "$n" create t2 field f number
fails "half a field" 2 "usage: nfdict create TABLE [key CLASS] [field NAME TYPE]... [open] [size ROWS] [timeout TIME]" \
	"$n" create t2 field f
fails "open without fields" 2 "open: a table that declares no fields is open anyway" "$n" create t2 open
ok "open with fields" "$n" create t2 field f int open
ok "takes others" "$n" set t2 1 g bool true
prints "it is listed as open" $'create t2 field f int open\nset t2 1 g bool true' "$n" list t2
prints "each table lists its own" $'create decl2 key ipv4_addr field blocked bool field user long_string field size int field room int64 size 100 timeout 3600\ncreate t2 field f int open' \
	bash -c "$n list --terse | grep -E 'create (decl2|t2) '"
fails "too late to declare more" 1 "t2: table has rows, or rules with other fields" "$n" change t2 field g int
ok "destroy those" "$n" destroy decl2 t2

# add and sub
ok "set numbers" "$n" set quotas 1 n int64 100 i int 5 s long_string x timeout 1h
ok "add and subtract, beside other fields" "$n" update quotas 1 n int64 add 50 i int sub 7 s long_string add
prints "numbers have changed" $'create quotas\nset quotas 1 i int -2 n int64 150 s long_string add timeout 3600' "$n" save --sorted quotas
ok "a negative number" "$n" update quotas 1 n int64 add -150
prints "is subtracted" "0" "$n" get -r quotas 1 n
fails "a field that is not there" 1 "quotas: 1: row or field does not exist" "$n" update quotas 1 m int64 add 1
fails "a row that is not there" 1 "quotas: 2: row or field does not exist" "$n" update quotas 2 n int64 add 1
fails "a row that would be created" 2 \
	"quotas: 2: n: what is added to must be there, so the row cannot be created or replaced" \
	"$n" set quotas 2 n int64 add 1
fails "no number" 2 "field n: int64 x: not a number" "$n" update quotas 1 n int64 add x
ok "destroy them" "$n" destroy quotas

# delete
ok "set another field" "$n" set sessions 18 y int 3 z int 4
ok "delete fields" "$n" delete sessions 18 x y
prints "one is left" "set sessions 18 z int 4" "$n" get sessions 18
fails "a missing field cannot be deleted" 1 \
	"sessions: 18: nosuch: field does not exist" "$n" delete sessions 18 nosuch
fails "nor one that other rows have" 1 \
	"sessions: 18: row or field does not exist" "$n" delete sessions 18 z x
prints "then the others stay" "set sessions 18 z int 4" "$n" get sessions 18
ok "delete the last field" "$n" delete sessions 18 z
fails "the row is gone with it" 1 "sessions: 18: row does not exist" "$n" get sessions 18
ok "delete a row" "$n" delete sessions 17
fails "a missing row cannot be deleted" 1 "sessions: 17: row does not exist" \
	"$n" delete sessions 17
ok "but with -exist" "$n" -exist delete sessions 17
ok "and -!" "$n" delete '-!' sessions 17
fails "get of a missing field" 1 "t: k: nosuch: field does not exist" "$n" get t k nosuch
fails "get from a missing table" 1 "none: table does not exist" "$n" get none 1

# create, destroy, change
ok "create" "$n" create hosts size 3 timeout 1h
fails "create again" 1 "hosts: table exists already" "$n" create hosts
ok "create -exist" "$n" create -exist hosts size 5
prints "which changes nothing" "create hosts size 3 timeout 3600" "$n" list -t hosts
ok "change" "$n" change hosts size 2
prints "changes what is named" "create hosts size 2 timeout 3600" "$n" list -t hosts
fails "change of a missing table" 1 "none: table does not exist" "$n" change none size 1
ok "fill it" "$n" set hosts 1.1.1.1 f int 1
ok "and again" "$n" set hosts 1.1.1.2 f int 1
fails "a full table" 1 "hosts: 1.1.1.3: the table is full" "$n" set hosts 1.1.1.3 f int 1
is "stats" "$("$n" stats hosts | sed 's/bytes [1-9][0-9]*/bytes N/')" \
	"hosts rows 2 size 2 rules 0 bytes N drops 0 expired 0"
ok "destroy" "$n" destroy hosts keys
fails "destroy a missing table" 1 "hosts: table does not exist" "$n" destroy hosts
ok "destroy -exist" "$n" destroy -exist hosts
prints "names" $'sessions\nt' "$n" list -n

# timeouts
life=1.5
((slowness == 1)) || life=9.5
ok "a row with a timeout" "$n" set short 1 f int 1 timeout "$life"
is "list shows what is left" \
	"$("$n" list short | sed -n 's/expires [0-9]\(\.[0-9]*\)\?$/expires N/p')" \
	"set short 1 f int 1 timeout $life expires N"
prints "save does not" "create short
set short 1 f int 1 timeout $life" "$n" save short
# shellcheck disable=SC2317 # wait_for calls it
gone() { ! "$n" -q get short 1 >"$work/out"; }
ok "it expires in time" wait_for gone
fails "it expires" 1 "short: 1: row does not exist" "$n" get short 1
ok "a table with a timeout" "$n" create lease timeout 1h
ok "a row with its own" "$n" set lease 1 f int 1 timeout 2h
ok "a row without" "$n" set lease 2 f int 1
ok "a row for ever" "$n" set lease 3 f int 1 timeout 0
prints "are all told" $'create lease timeout 3600\nset lease 1 f int 1 timeout 7200\nset lease 2 f int 1 timeout 3600\nset lease 3 f int 1 timeout 0' \
	bash -c "'$n' save lease | LC_ALL=C sort"
ok "a field named timeout is one" "$n" set lease 4 timeout int 5 expires bool true
prints "with its type" "5" "$n" get -r lease 4 timeout
ok "destroy these" "$n" destroy short lease

# flush, swap, rename
ok "flush" "$n" flush t
prints "leaves the table" "create t" "$n" list t
fails "flush a missing table" 1 "none: table does not exist" "$n" flush none
ok "set in one" "$n" set a 1 f int 1
ok "set in another" "$n" set b 2 f int 2
ok "swap" "$n" swap a b
prints "rows have moved" $'create a\nset a 2 f int 2\ncreate b\nset b 1 f int 1' "$n" list a b
fails "swap with itself" 1 "a: table is named twice" "$n" swap a a
fails "swap with a missing one" 1 "none: table does not exist" "$n" swap a none
fails "swap of a missing one" 1 "none: table does not exist" "$n" swap none a
ok "swap of two pairs" "$n" restore - <<-END
	set p1 1 f int 1
	set p2 1 f int 2
	set p3 1 f int 3
	create p4
	swap p1 p2 p3 p4
END
prints "both have moved" $'set p1 1 f int 2\nset p2 1 f int 1\nset p4 1 f int 3' \
	bash -c "$n list p1 p2 p3 p4 | grep set"
fails "a table of the second pair that is missing" 1 "none: table does not exist" "$n" swap p1 p2 none p3
fails "a table in two pairs" 1 "p1: table is named twice" "$n" swap p1 p2 p3 p1
fails "half a pair" 2 "usage: nfdict swap TABLE TABLE [TABLE TABLE]..." "$n" swap p1 p2 p3
prints "nothing has moved" $'set p1 1 f int 2\nset p2 1 f int 1\nset p4 1 f int 3' \
	bash -c "$n list p1 p2 p3 p4 | grep set"
ok "destroy the pairs" "$n" destroy p1 p2 p3 p4
ok "change for rename" "$n" change a size 7 timeout 60
ok "rename" "$n" rename a c
prints "everything came along" $'create c size 7 timeout 60\nset c 2 f int 2 timeout 0' "$n" save c
fails "the old name is gone" 1 "a: table does not exist" "$n" list a
fails "rename to a name that exists" 1 "b: table exists already" "$n" rename c b
fails "rename of a missing table" 1 "a: table does not exist" "$n" rename a d

# list
ok "rows for filters" "$n" restore - <<-END
	set f 1 x int 1 y int 2
	set f 2 y int 3
	set g 1 x int 4
END
prints "list --key" "set f 1 x int 1 y int 2" "$n" list -k 1 f
prints "list --field" $'set f 1 x int 1\nset g 1 x int 4' "$n" list --field x
prints "both" "set g 1 x int 4" "$n" list --key 1 --field x g
prints "a field that nobody has" "" "$n" list -f nosuch
prints "a key that nobody has" "" "$n" list -k 99
prints "list -t" $'create sessions\ncreate t\ncreate b\ncreate c size 7 timeout 60\ncreate f\ncreate g' \
	"$n" list -t
prints "options stand anywhere" $'f\ng' bash -c "'$n' list f g -jn | grep -o '\"[fg]\"' | tr -d '\"'"
prints "several letters in a word" '{"tables": [
 {"name": "f"}]}' "$n" list -nj f
prints "an argument after =" "set f 2 y int 3" "$n" list --key=2 f
prints "or right behind the letter" "set f 2 y int 3" "$n" list -k2 f
prints "after the tables" "set f 2 y int 3" "$n" list f -k 2
ok "destroy x -exist" "$n" destroy none -exist
ok "-exist at the end of a row" "$n" add f 2 y int 3 -exist
fails "set takes no -exist" 2 "--exist has no meaning with set; a word that begins with - stands after --" \
	"$n" set f 3 s long_string x -exist
ok "values with dashes" "$n" set f 3 s long_string --json t int -5 e long_string --
prints "are values" "set f 3 e long_string -- s long_string --json t int -5" "$n" list --sorted -k 3 f
ok "names with dashes" "$n" set -- -n string:-k -f int 1
prints "are printed so that they can be read" $'create -- -n\nset -- -n string:-k -f int 1' "$n" list -- -n
ok "restore reads them" bash -c "'$n' save -- -n | '$n' restore -exist"
ok "destroy it" "$n" destroy -- -n
"$n" delete f 3

# A stable order, and remaining lifetimes
"$n" restore <<-END
	create Z
	create z timeout 100
	set z b y int 1 x int 2 timeout 0
	set z a x int 1 y int 2
	set z 10 x int 1
	set z 9 x int 1
	set z 10.0.0.2 x int 1
	set z 9.0.0.1 x int 1
END
prints "save --sorted" "create Z
create z timeout 100
set z 9 x int 1 timeout 100
set z 10 x int 1 timeout 100
set z 9.0.0.1 x int 1 timeout 100
set z 10.0.0.2 x int 1 timeout 100
set z a x int 1 y int 2 timeout 100
set z b x int 2 y int 1 timeout 0" "$n" save Z z --sorted
seq -f 'set many %.0f f int 1' 1000 | shuf | "$n" restore
is "many rows, too" "$("$n" save --sorted many | tail -n +2)" "$(seq -f 'set many %.0f f int 1' 1000)"
ok "destroy many" "$n" destroy many
sleep 0.01
is "save --remaining" "$("$n" save --sorted --remaining z | sed 's/ timeout 9[0-9]\.[0-9]*$/ timeout LEFT/')" \
	"create z timeout 100
set z 9 x int 1 timeout LEFT
set z 10 x int 1 timeout LEFT
set z 9.0.0.1 x int 1 timeout LEFT
set z 10.0.0.2 x int 1 timeout LEFT
set z a x int 1 y int 2 timeout LEFT
set z b x int 2 y int 1 timeout 0"
is "in JSON, too" "$("$n" save --remaining -j z | grep -c '"timeout": 9[0-9]\.')" 5
ok "destroy these, too" "$n" destroy z Z
fails "list of a missing table" 1 "none: table does not exist" "$n" list none

# no rights
fails "without CAP_NET_ADMIN" 1 "permission denied: this needs CAP_NET_ADMIN" \
	setpriv --bounding-set -net_admin --inh-caps -net_admin "$n" list
prints "another namespace has other tables" "" unshare -n "$n" list

end
