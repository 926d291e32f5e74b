#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# monitor reports changes, and keeps a copy.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

n=$nfdict

watch() {	# FILE ARGUMENT...
	local file=$1

	shift
	"$n" monitor --sync "$@" >"$work/$file" 2>"$work/$file.err" &
	monitor=$!
	# Once its first listing is complete, it reports changes.
	wait_for grep -q -e 'end of the listing' -e synced "$work/$file"
}

unwatch() {
	kill "$monitor"
	wait "$monitor" 2>/dev/null || :
}

heard() { sed '1,/end of the listing/d' "$work/$1"; }

watch all
"$n" create s size 10 timeout 60
"$n" set s 1 a int 1 b long_string 'x y'
"$n" set s 1 b int 2
"$n" replace s 1 c bool true timeout 0
"$n" delete s 1 c
"$n" set s 2 a int 1 b int 2 c int 3
"$n" delete s 2 c b
"$n" change s size 20
"$n" set t 3 a int 1
"$n" swap s t
"$n" flush t
"$n" destroy t
"$n" set s 4 a int 1 timeout 0.2
wait_for grep -q expired "$work/all" || :
unwatch
is "every change, in its order" "$(heard all)" 'create s size 10 timeout 60
replace s 1 a int 1 b long_string "x y" timeout 60
set s 1 b int 2 timeout 60
replace s 1 c bool true timeout 0
delete s 1
replace s 2 a int 1 b int 2 c int 3 timeout 60
delete s 2 c b
create s size 20 timeout 60
create t
replace t 3 a int 1
swap s t
flush t
destroy t
replace s 4 a int 1 timeout 0.2
delete s 4 # expired'

"$n" destroy s
"$n" set one 1 a int 1
"$n" set two 1 a int 1
watch some one
"$n" set one 2 a int 2
"$n" set two 2 a int 2
"$n" swap two one
wait_for grep -q '^swap' "$work/some" || :
unwatch
is "one table alone, listed first" "$(<"$work/some")" '# listing
create one
flush one
replace one 1 a int 1
# end of the listing
replace one 2 a int 2
swap two one'

watch json -j one
"$n" set one 5 a int 5 timeout 9
"$n" delete one 5
wait_for grep -q '"event": "delete"' "$work/json" || :
unwatch
is "as JSON, one object a line" "$(sed '1,/synced/d; s/"expires": [0-9.]*/"expires": N/' "$work/json")" \
	'{"event": "replace", "table": "one", "key": {"type": "int", "value": 5}, "fields": {"a": {"type": "int", "value": 5}}, "timeout": 9, "expires": N}
{"event": "delete", "table": "one", "key": {"type": "int", "value": 5}, "fields": {}}'
"$n" destroy one two

# Events of other tables take no room in the buffer.
"$n" set quiet 1 a int 1
watch quiet quiet
kill -STOP "$monitor"
seq -f 'set noise %.0f a int64 1 b long_string 0123456789012345678901234567890123456789' 200000 |
	"$n" restore
"$n" set quiet 2 a int 2
kill -CONT "$monitor"
wait_for grep -q '^replace quiet 2' "$work/quiet" || :
unwatch
is "a quiet table loses nothing to a busy one" "$(<"$work/quiet.err") $(heard quiet)" " replace quiet 2 a int 2"
"$n" destroy quiet noise

# A copy in another namespace, kept by a pipe.
mkfifo "$work/pipe"
# shellcheck disable=SC2016 # for that shell
unshare -n sh -c 'echo $$; exec sleep 1000' >"$work/pid" &
holder=$!
wait_for test -s "$work/pid"
copy() { nsenter -t "$(<"$work/pid")" -n "$n" "$@"; }
"$n" set old 1 f int 1
copy set old 2 f int 2
copy restore -exist - <"$work/pipe" 2>"$work/copy.err" &
copier=$!
"$n" monitor --sync >"$work/pipe" &
monitor=$!
# shellcheck disable=SC2317 # wait_for calls it
copied() { copy -q get old 1 >/dev/null; }
wait_for copied || :
for ((i = 0; i < 300; i++)); do
	k=$((RANDOM % 20))
	case $((RANDOM % 8)) in
	0) echo "set m $k a int $i b int64 -$i" ;;
	1) echo "replace m $k c long_string \"v $i\" timeout 1000" ;;
	2) echo "set m $k b int64 $i timeout 0" ;;
	3) echo "delete m $k" ;;
	4) echo "set m2 $k d bool true" ;;
	5) ((i % 4)) || echo "swap m m2" ;;
	6) ((i % 9)) || echo "flush m2" ;;
	7) echo "set m $k a int 1 z bool false" ;;
	esac
done >"$work/changes"
"$n" create m timeout 2000
"$n" create m2
"$n" restore -exist "$work/changes"
same() { diff <("$n" save | LC_ALL=C sort) <(copy save | LC_ALL=C sort); }
wait_for same >/dev/null || :
is "a copy stays equal through 300 random changes" "$(same)" ""
is "and there is something to compare" "$("$n" list | grep -c ^set | sed 's/[0-9]*/many/')" many
kill "$monitor"
wait "$copier" || comment "$(<"$work/copy.err")"
kill "$holder"
"$n" list -n | xargs "$n" destroy

# The kernel drops events that are not read: monitor reports that and lists all.
watch lost
kill -STOP "$monitor"
seq -f 'set big %.0f a int64 1 b long_string 0123456789012345678901234567890123456789' 200000 |
	"$n" restore
kill -CONT "$monitor"
# shellcheck disable=SC2317 # wait_for calls it
relisted() { (($(grep -c 'end of the listing' "$work/lost") == 2)); }
wait_for relisted || :
"$n" set big last a int 1
wait_for grep -q '^replace big last' "$work/lost" || :
unwatch
is "lost events are reported" "$(sort -u "$work/lost.err")" "nfdict: events were lost, listing all"
grep -v '^#' "$work/lost" >"$work/lost.commands"
"$n" save big | LC_ALL=C sort >"$work/want"
export n work
# shellcheck disable=SC2016 # for that shell
unshare -n sh -c '"$n" restore -exist "$work/lost.commands" && "$n" save big' |
	LC_ALL=C sort >"$work/got" || :
is "and what is printed then makes up for them" \
	"$(wc -l <"$work/want") $(cmp "$work/want" "$work/got" 2>&1)" "200002 "

end
