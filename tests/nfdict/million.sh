#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A million rows: save and restore give back the same, and every command takes
# bounded memory. With $QUICK set, a hundred thousand; $ROWS chooses.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

n=$nfdict
rows=${ROWS:-${QUICK:+100000}}
rows=${rows:-1000000}

# peak COMMAND...: sets $peak to its peak memory in KiB, at least that of
# Python, which starts it. Its output goes to $work/out.
peak() {
	python3 - "$@" <<-'END' >"$work/out" 2>"$work/err"
	import os, resource, sys
	rc = os.waitstatus_to_exitcode(os.waitpid(os.spawnvp(os.P_NOWAIT, sys.argv[1], sys.argv[1:]), 0)[1])
	print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
	sys.exit(rc)
	END
	peak=$(tail -n 1 "$work/err")
}

seq "$rows" | awk '{
	print "set big", $1, "application long_string",
		($1 % 3 ? "NETFLIX" : "\"APP " $1 % 1000 "\"")
}' >"$work/in"

start=$(date +%s.%N)
peak "$n" restore "$work/in" && rc=0 || rc=$?
echo "# restore of $rows rows: $(bc <<<"$(date +%s.%N) - $start") s, $peak KiB"
is "restore $rows rows" "$rc $(head -n -1 "$work/err")" "0 "
is "they are there" "$("$n" stats big | cut -d ' ' -f 2,3)" "rows $rows"
is "restore takes less than 16 MiB" $((peak < 16384)) 1

start=$(date +%s.%N)
peak "$n" save && rc=0 || rc=$?
echo "# save: $(bc <<<"$(date +%s.%N) - $start") s, $peak KiB"
is "save" "$rc $(head -n -1 "$work/err")" "0 "
is "save takes less than 16 MiB" $((peak < 16384)) 1
mv "$work/out" "$work/saved"
is "a line for each" "$(wc -l <"$work/saved")" $((rows + 1))
is "what went in came out" \
	"$(tail -n +2 "$work/saved" | LC_ALL=C sort | md5sum)" "$(LC_ALL=C sort "$work/in" | md5sum)"

ok "destroy" "$n" destroy big
start=$(date +%s.%N)
ok "restore what was saved" "$n" restore "$work/saved"
echo "# restore: $(bc <<<"$(date +%s.%N) - $start") s"
is "and the same comes out" \
	"$("$n" save | LC_ALL=C sort | md5sum)" "$(LC_ALL=C sort "$work/saved" | md5sum)"

start=$(date +%s.%N)
peak "$n" restore --swap "$work/saved" && rc=0 || rc=$?
echo "# restore --swap: $(bc <<<"$(date +%s.%N) - $start") s, $peak KiB"
is "restore --swap over it" "$rc $(head -n -1 "$work/err")" "0 "
is "has all rows again" "$("$n" stats big | cut -d ' ' -f 2,3)" "rows $rows"
is "restore --swap takes less than 16 MiB" $((peak < 16384)) 1

# The same as a list of keys
start=$(date +%s.%N)
peak sh -c "seq $rows | '$n' load --swap big application long_string NETFLIX" && rc=0 || rc=$?
echo "# load --swap of a list: $(bc <<<"$(date +%s.%N) - $start") s, $peak KiB"
is "load --swap a list over it" "$rc $(head -n -1 "$work/err")" "0 "
is "has all keys" "$("$n" stats big | cut -d ' ' -f 2,3)" "rows $rows"
is "load takes less than 16 MiB" $((peak < 16384)) 1
ok "restore what was saved again" "$n" restore --swap "$work/saved"

# bounded NAME LINES COMMAND...: it prints so many lines, in less than 16 MiB.
bounded() {
	local name=$1 lines=$2 rc=0

	shift 2
	peak "$@" || rc=$?
	echo "# $name: $peak KiB"
	is "$name" "$rc $(head -n -1 "$work/err") $(wc -l <"$work/out")" "0  $lines"
	is "$name takes less than 16 MiB" $((peak < 16384)) 1
}
bounded "list" $((rows + 1)) "$n" list
bounded "list of a field" "$rows" "$n" list -f application big
# list -j prints one object: count its rows.
peak "$n" list -j && rc=0 || rc=$?
echo "# list -j: $peak KiB"
is "list -j takes less than 16 MiB" "$rc $((peak < 16384))" "0 1"
is "and has all rows" "$(grep -o '"key": {' "$work/out" | wc -l)" "$rows"
bounded "stats" 1 "$n" stats

# monitor, which lists all first, and then reports as many changes
patience=60
"$n" monitor --sync >"$work/heard" 2>"$work/lost" &
monitor=$!
wait_for grep -q 'end of the listing' "$work/heard" || :
sed 's/ application .*/ application long_string HTTP/' "$work/in" |
	"$n" restore
"$n" set big end application long_string END
# shellcheck disable=SC2317 # wait_for calls it
heard_end() { grep -q '^\(set\|replace\) big end ' "$work/heard"; }
wait_for heard_end || :
is "monitor hears of the last change" "$(heard_end && echo yes)" yes
peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$monitor/status")
kill "$monitor"
wait "$monitor" 2>/dev/null || :
echo "# monitor: $peak KiB, $(wc -l <"$work/heard") lines, $(wc -l <"$work/lost") times events were lost"
is "monitor takes less than 16 MiB" $((peak < 16384)) 1
rm "$work/heard"
ok "restore what was" "$n" restore "$work/in"
"$n" delete big end

# A table that is swapped while it is being listed: the listing is repeated
ok "another table" "$n" set other 1 f int 1
"$n" list big >"$work/out" 2>"$work/err" &
pid=$!
sleep "$(bc <<<"0.1 * $slowness")"
kill -STOP "$pid"
ok "swap in the middle of a listing" "$n" swap big other
kill -CONT "$pid"
wait "$pid" && rc=0 || rc=$?
is "it has what the table has then" "$rc $(cat "$work/err" "$work/out")" $'0 create big\nset big 1 f int 1'
ok "swap back" "$n" swap big other
rc=0
peak "$n" list -k 77 big || rc=$?
is "an undisturbed listing is consistent" "$rc $(<"$work/out")" \
	"0 set big 77 application long_string NETFLIX"

# script(1) provides a terminal: a restore of over a second shows progress, one
# that is quicker need not.
if command -v script >/dev/null && ((rows >= 1000000)); then
	start=${EPOCHREALTIME/./}
	script -qec "'$n' restore -exist '$work/saved'" /dev/null </dev/null >"$work/shown"
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	shown=$(tr '\r' '\n' <"$work/shown" | grep -c ' lines, [0-9.]* s, [0-9]*%' || true)
	is "progress on a terminal" "$((shown > 0 || took < 1500))" 1
fi

end
