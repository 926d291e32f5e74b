#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# save and restore.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

n=$nfdict
dump() { "$n" save | LC_ALL=C sort; }

# Round trip of what is hard to print
"$n" create sessions size 1000 timeout 3600
# shellcheck disable=SC2016 # as it is
"$n" set sessions 17 application long_string 'My "App" \o/ $HOME `x` #1' empty long_string ''
"$n" set sessions string:17 f bool false timeout 0
"$n" set sessions $'tab\there\x01\xff' 'f#"\$' long_string $'new\nline'
"$n" set sessions 'Jürgen' 'größe' int -1 timeout 12.345
"$n" set sessions 2001:db8::1 a ipv6_addr :: b ether_addr ff:ff:ff:ff:ff:ff
"$n" set sessions raw:00ff timeout int 1 expires int64 2 timeout 5
"$n" create empty size 5
before=$(dump)
"$n" save >"$work/save"
is "a line for each table and row" "$(wc -l <"$work/save")" 8
"$n" destroy sessions empty
ok "restore" "$n" restore "$work/save"
is "all is as it was" "$(dump)" "$before"
fails "restore again" 1 "$work/save: line 1: sessions: table exists already" \
	"$n" restore "$work/save"
ok "restore -exist" "$n" restore -exist "$work/save"
is "changes nothing" "$(dump)" "$before"
"$n" destroy sessions empty
ok "restore what list prints" "$n" restore <(sed 's/$/ expires 0.001/; s/^create \(.*\) expires.*/create \1/' "$work/save")
is "takes it" "$(dump)" "$before"
"$n" destroy sessions empty
# shellcheck disable=SC2016 # for that shell
sed 's/^/"$1" /' "$work/save" | grep -v '\\[xnt]' >"$work/script"
ok "a shell reads the words likewise" bash "$work/script" "$n"
is "and gets the same" "$(dump)" "$(grep -v '\\[xnt]' <<<"$before")"
"$n" destroy sessions empty

# Classes of keys
"$n" create hosts key ipv4_addr
"$n" set hosts 10.0.0.1 f int 1
for opt in "" -j; do
	# shellcheck disable=SC2086 # no option is no word
	"$n" save $opt hosts >"$work/save"
	"$n" destroy hosts
	# shellcheck disable=SC2086
	ok "restore a class of keys $opt" "$n" restore $opt "$work/save"
	# shellcheck disable=SC2086
	ok "and swap it $opt" "$n" restore $opt --swap "$work/save"
	prints "it is there $opt" $'create hosts key ipv4_addr\nset hosts 10.0.0.1 f int 1' \
		"$n" list hosts
done
ok "swap rows of a file that does not create" "$n" restore --swap - <<<"set hosts 10.0.0.2 f int 2"
prints "the class stays" $'create hosts key ipv4_addr\nset hosts 10.0.0.2 f int 2' "$n" list hosts
"$n" restore --swap - <<<"create hosts key int" 2>"$work/err" || :
is "a file with another class is refused" \
	"$(grep -c 'hosts: table exists with another class of keys$' "$work/err")" 1
prints "changes nothing" $'create hosts key ipv4_addr\nset hosts 10.0.0.2 f int 2' "$n" list hosts
"$n" destroy hosts

# Tables that declare fields
"$n" create decl field f int field g bool open
"$n" set decl 1 f int 1 h int64 2
for opt in "" -j; do
	# shellcheck disable=SC2086 # no option is no word
	"$n" save $opt decl >"$work/save"
	"$n" destroy decl
	# shellcheck disable=SC2086
	ok "restore fields $opt" "$n" restore $opt "$work/save"
	# shellcheck disable=SC2086
	ok "and swap them $opt" "$n" restore $opt --swap "$work/save"
	prints "they are there $opt" $'create decl field f int field g bool open\nset decl 1 f int 1 h int64 2' \
		"$n" list decl
done
ok "swap rows of a file that declares nothing" "$n" restore --swap - <<<"set decl 2 f int 2"
prints "the declaration stays" $'create decl field f int field g bool open\nset decl 2 f int 2' "$n" list decl
fails "a file with a wrong field" 1 "standard input: line 1: decl: 3: f: table declares the field as int" \
	"$n" restore --swap - <<<"set decl 3 f bool true"
prints "leaves the rows" $'create decl field f int field g bool open\nset decl 2 f int 2' "$n" list decl
"$n" destroy decl

# Every command, comments, blank lines, no newline at the end
printf '%s' '# a comment

create a size 9   # another
set a 1 x int 1
add a 2 x int 2
add a 3 x int 3
set a 1 y int 4
replace a 3 y int 5
	update a 2 x int 6
delete a 1 x
set b "7" "z" long_string "q r"
change b timeout 60
swap a b
create c
flush a
destroy c
set d 1 x int 1' >"$work/all"
ok "every command, from standard input" "$n" restore <"$work/all"
is "has done its work" "$("$n" save | LC_ALL=C sort)" "create a size 9
create b timeout 60
create d
set b 1 y int 4 timeout 0
set b 2 x int 6 timeout 0
set b 3 y int 5 timeout 0
set d 1 x int 1"
ok "- is standard input" "$n" restore - <<<"destroy a b d"

# Errors
check() {	# NAME LINE-AND-MESSAGE COMMANDS
	fails "$1" 2 "standard input: $2" "$n" restore <<<"$3"
}
check "unknown command" "line 2: frob: unknown command" $'set t 1 f int 1\nfrob'
check "a command that is not for files" "line 1: list: not possible in a file" "list"
check "quotes" "line 1: unfinished quotes" 'set t "1 f int 1'
check "an escape" 'line 1: \x needs two hexadecimal digits' 'set t "\xg" f int 1'
check "NUL escape" 'line 1: a NUL byte cannot be stored' 'set t "\x00" f int 1'
check "usage" "line 1: usage: delete TABLE KEY [FIELD]..." 'delete t'
check "bad value" "line 3: field f: int x: not a number" $'\n\nset t 1 f int x'
prints "what came before took effect" $'create t\nset t 1 f int 1' "$n" list t
fails "NUL byte" 2 "standard input: line 2: a NUL byte" "$n" restore < <(printf 'set t 1 f int 1\nset t \0 f int 1\n')
fails "a line without end" 2 "standard input: line 2: line is too long" \
	"$n" restore < <(echo; head -c 5000000 /dev/zero | tr '\0' x)
fails "a file that is missing" 1 "$work/nosuch: No such file or directory" "$n" restore "$work/nosuch"
"$n" destroy t

# The kernel refuses the hundredth row, and the message names its line.
for ((i = 1; i <= 200; i++)); do
	((i != 100)) || echo "add t 50 f int 0"
	((i == 100)) || echo "add t $i f int $i"
done >"$work/bad"
fails "a row that exists already" 1 "$work/bad: line 100: t: 50: row exists already" \
	"$n" restore "$work/bad"
is "rows before it are written, those after it are not" \
	"$("$n" list t | grep -c ^set) $("$n" get -r t 99) $("$n" get -r t 50)" "99 99 50"
"$n" destroy t
sed '100s/.*/add t 50 f,f int 0/' "$work/bad" >"$work/bad2"
fails "a row that is not valid" 2 \
	"$work/bad2: line 100: t: 50: f,f: name has white space, a comma or a control character" \
	"$n" restore "$work/bad2"
is "rows before it are written, those after it are not, either" \
	"$("$n" list t | grep -c ^set) $("$n" get -r t 99)" "99 99"
{ seq -f 'set t %.0f f int 1' 5000; echo "update t 77777 f int 1"; } >"$work/bad3"
fails "in a later message" 1 "$work/bad3: line 5001: t: 77777: row does not exist" "$n" restore "$work/bad3"
{ seq -f 'create t%.0f' 300; echo "create t7"; seq -f 'create u%.0f' 300; } >"$work/bad4"
fails "among tables" 1 "$work/bad4: line 301: t7: table exists already" "$n" restore "$work/bad4"
is "tables before it are there, those after it are not" \
	"$("$n" list -n | grep -c '^t[0-9]') $("$n" list -n | grep -c '^u' || true)" "300 0"
"$n" list -n | xargs "$n" destroy

# Lines before the one that is named take effect, those behind it do not
"$n" set keep 1 a int 1
before=$(dump)
for behind in "flush keep" "destroy keep" "delete keep 1" "set keep 1 a int 2" "create more" \
	"change keep size 5"; do
	fails "nothing behind it: $behind" 1 "standard input: line 1: keep: 99: row does not exist" \
		"$n" restore <<<$'update keep 99 a int 1\n'"$behind"
	is "nothing has happened" "$(dump)" "$before"
done
fails "everything before a row that is malformed" 2 \
	"standard input: line 3: r: 3: a,b: name has white space, a comma or a control character" \
	"$n" restore <<<$'set r 1 a int 1\nset r 2 a int 2\nset r 3 a,b int 9\nset r 4 a int 4'
prints "is written" $'create r\nset r 1 a int 1\nset r 2 a int 2' "$n" save --sorted r
fails "the first of two errors is named" 1 "standard input: line 2: r: 9: row does not exist" \
	"$n" restore <<<$'set r 5 a int 5\nupdate r 9 a int 9\nset r 6 a int x'
fails "of whatever kind" 1 "standard input: line 2: r: 9: row does not exist" \
	"$n" restore <<<$'set r 5 a int 5\nupdate r 9 a int 9\nfrobnicate'
is "what is between them is not done" "$("$n" list r | grep -c ^set)" 3
fails "a table that does not exist, for many rows" 1 "standard input: line 2: none: table does not exist" \
	"$n" restore <<<$'set r 7 a int 7\nupdate none 1 a int 1\nupdate none 2 a int 2'
prints "what is before them is done" "set r 7 a int 7" "$n" get r 7
ok "with -exist, what is not there need not be deleted" "$n" restore -exist <<-END
	delete r 1
	delete r 100
	delete r 2
	delete none 1
	destroy none
	delete r 5 a
	delete r 5 a
	set r 8 a int 8
END
prints "and all else is done" $'create r\nset r 7 a int 7\nset r 8 a int 8' "$n" save --sorted r
fails "but what is to be changed must be there" 1 "standard input: line 2: r: 100: row does not exist" \
	"$n" restore -exist <<<$'delete r 99\nupdate r 100 a int 1'
ok "lines have -exist themselves, as ipset saves them" "$n" restore <<<$'create r -exist\ndelete r 99 -exist\nadd r 8 a int 9 -exist'
fails "and only they" 1 "standard input: line 2: r: 99: row does not exist" \
	"$n" restore <<<$'delete -exist r 99\ndelete r 99'
"$n" destroy r keep

# Without rights, it fails at once
cat >"$work/two" <<-END
	create a
	set a 1 x int 1
	set b 2 x int 1
END
fails "a file without CAP_NET_ADMIN" 1 "standard input: line 1: a: permission denied: this needs CAP_NET_ADMIN" \
	timeout -s KILL $((20 * slowness)) setpriv --reuid 65534 --clear-groups "$n" restore <"$work/two"
if unshare -r true 2>/dev/null; then
	fails "in a user namespace of its own" 1 \
		"standard input: line 1: a: permission denied: this needs CAP_NET_ADMIN" \
		timeout -s KILL $((20 * slowness)) unshare -r "$n" restore <"$work/two"
fi

# Small socket buffers
{ seq -f "set small %.0f a long_string $(printf 'x%.0s' {1..100})" 1600; echo "add small 7 a int 1"; } >"$work/small"
# The limits are for all namespaces, and only the first one may change them.
limits() { nsenter -t 1 -n sh -c 'cd /proc/sys/net/core && cat wmem_default wmem_max'; }
# shellcheck disable=SC2016 # for that shell
limit() { nsenter -t 1 -n sh -c 'cd /proc/sys/net/core && echo $1 >wmem_default && echo $2 >wmem_max' - "$@"; }
mapfile -t saved < <(limits)
for size in 65536 4608; do
	limit "$size" "$size"
	fails "send buffers of $size bytes" 1 "$work/small: line 1601: small: 7: row exists already" \
		"$n" restore "$work/small"
	is "all is written" "$("$n" list small | grep -c ^set)" 1600
	"$n" destroy small
	# Root of a namespace may not exceed the limit.
	! unshare -Un true 2>/dev/null ||
		fails "and without the right to exceed that" 1 \
			"standard input: line 1601: small: 7: row exists already" \
			unshare -Urn "$n" restore <"$work/small"
done
limit "${saved[@]}"

# --swap
"$n" create live size 100 timeout 60
"$n" restore <<-END
	set live 1 f int 1
	set live 2 f int 2
	set other 1 f int 1
END
ok "restore --swap" "$n" restore --swap - <<<"set live 3 f int 3"
prints "the table has what the file says and nothing else" \
	$'create live size 100 timeout 60\nset live 3 f int 3 timeout 60' "$n" save live
prints "others stay" $'create other\nset other 1 f int 1' "$n" save other
ok "with a create command" "$n" restore --swap - <<-END
	create live size 50
	set live 4 f int 4
	create new timeout 5
	set new 1 f int 1
END
prints "it takes its properties" $'create live size 50\nset live 4 f int 4\ncreate new timeout 5\nset new 1 f int 1 timeout 5' \
	"$n" save live new
ok "an empty table" "$n" restore --swap - <<<"create new"
prints "is empty then" "create new" "$n" save new
before=$(dump)
fails "an error in the file" 2 "standard input: line 2: field f: int x: not a number" \
	"$n" restore --swap - <<<$'set live 9 f int 9\nset live 10 f int x'
is "changes nothing" "$(dump)" "$before"
fails "an error in the kernel" 1 "standard input: line 2: live: 10: row does not exist" \
	"$n" restore --swap - <<<$'set live 9 f int 9\nupdate live 10 f int 1'
is "changes nothing, either" "$(dump)" "$before"
fails "create after rows" 2 "standard input: line 2: live: was named before it is created" \
	"$n" restore --swap - <<<$'set live 9 f int 9\ncreate live'
fails "swap with --swap" 2 "standard input: line 1: swap: not possible with --swap" \
	"$n" restore --swap - <<<"swap live other"
is "nothing is left behind" "$("$n" list -n)" $'live\nother\nnew'
mkfifo "$work/pipe"
"$n" restore --swap - <"$work/pipe" 2>"$work/stopped" &
pid=$!
exec 9>"$work/pipe"
echo "set live 9 f int 9" >&9
# shellcheck disable=SC2317 # wait_for calls it
loading() { "$n" list -n | grep -q '^\.restore'; }
wait_for loading || :
is "a table is being loaded" "$("$n" list -n | grep -c '^\.restore')" 1
kill "$pid"
wait "$pid" 2>/dev/null && rc=0 || rc=$?
exec 9>&-
is "a signal ends it so" "$rc" 143
is "and it says where" "$(<"$work/stopped")" "nfdict: standard input: interrupted after line 1: nothing has changed"
is "and removes that table" "$("$n" list -n)" $'live\nother\nnew'
is "and changes nothing" "$(dump)" "$before"

# A run removes the tables that a killed one left, not those of a living one.
load() {	# PIPE
	"$n" restore --swap - <"$1" &
	pid=$!
}
mkfifo "$work/pipe2"
load "$work/pipe"
killed=$pid
disown "$killed"
exec 9>"$work/pipe"
echo "set live 9 f int 9" >&9
wait_for loading || :
kill -KILL "$killed"
wait_for test ! -e "/proc/$killed" || :
exec 9>&-
is "SIGKILL leaves a table" "$("$n" list -n | grep -c '^\.restore')" 1
load "$work/pipe2"
exec 9>"$work/pipe2"
echo "set live 9 f int 9" >&9
# shellcheck disable=SC2317 # wait_for calls it
cleaned() { [[ $("$n" list -n | grep '^\.restore') == .restore."$pid".* ]]; }
ok "which the next run deletes" wait_for cleaned
ok "one that lives keeps its own" "$n" restore --swap - <<<"set other 1 f int 1"
is "and is not disturbed" "$("$n" list -n | grep '^\.restore' | sed 's/\.[0-9]*$//')" ".restore.$pid"
echo "set live 3 f int 3" >&9
exec 9>&-
ok "it ends well" wait "$pid"
is "and nothing is left" "$("$n" list -n | grep -c '^\.restore' || true)" 0
"$n" restore --swap - <<<"$before"

# ^C
"$n" restore - <"$work/pipe" 2>"$work/stopped" &
pid=$!
exec 9>"$work/pipe"
printf 'set other 8 f int 8\n\nset other 9 f int 9\n' >&9
wait_for "$n" -q get other 9 >/dev/null || :
kill -TERM "$pid"
wait "$pid" 2>/dev/null || :
exec 9>&-
is "a signal says which line was the last" "$(<"$work/stopped")" \
	"nfdict: standard input: interrupted after line 3, which has taken effect"

# A pipe whose writer pauses
"$n" restore <"$work/pipe" &
pid=$!
exec 9>"$work/pipe"
echo "set other 5 f int 5" >&9
ok "commands take effect when the writer pauses" wait_for "$n" -q get other 5
exec 9>&-
ok "and it ends with its input" wait "$pid"

end
