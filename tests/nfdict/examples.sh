#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The examples in Python and Go write, read and listen; each understands the
# other and nfdict.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"
need python3

n=$nfdict
examples=$tool_dir/examples
make -s -C "$tool_dir" PREFIX=/usr nfdict libnfdict.so.1.0.0 >&2
export NFDICT_LIB=$tool_dir/libnfdict.so.1
python() { PYTHONDONTWRITEBYTECODE=1 python3 "$examples/nfdict.py" "$@"; }
go=$examples/nfdict-go
[[ -x $go ]] || ! command -v go >/dev/null ||
	GOCACHE=$work/go go build -o "$go" "$examples/nfdict.go"

# listen NAME COMMAND...: starts a listener; heard NAME ends it and prints what
# it reported, once that includes the end of the table "users".
declare -A listeners
listen() {
	local name=$1

	shift
	"$@" >"$work/$name" 2>"$work/$name.err" &
	listeners[$name]=$!
	wait_for grep -q listening "$work/$name" || comment "$(<"$work/$name.err")"
}
heard() {
	wait_for grep -q '^destroy users' "$work/$1" || :
	kill "${listeners[$1]}" 2>/dev/null || :
	wait "${listeners[$1]}" 2>/dev/null || :
	sed 1d "$work/$1"
}

listen python python3 "$examples/nfdict.py" listen
[[ ! -x $go ]] || listen go "$go" listen

# Python
ok "Python writes" python write hosts 10.0.0.1 quota int64 -5 user long_string 'a b' ok bool true \
	mac ether_addr 00:11:22:33:44:55
prints "what it means" 'set hosts 10.0.0.1 mac ether_addr 00:11:22:33:44:55 ok bool true quota int64 -5 user long_string "a b"' \
	"$n" list --sorted -k 10.0.0.1 hosts
is "Python reads" "$(python read hosts 10.0.0.1 | tr ' ' '\n' | sort | tr '\n' ' ')" \
	"-5 00:11:22:33:44:55 10.0.0.1 True a b bool ether_addr hosts int64 long_string mac ok quota set user "
is "Python says what is wrong" "$(python read none 1 2>&1; python write hosts 10.0.0.256 a int 1 2>&1
	python write hosts 1 a int x 2>&1; python write a,b 1 a int 1 2>&1)" \
	"nfdict.py: there is no such row
nfdict.py: key 10.0.0.256: neither a number nor an address; string: makes it a string
nfdict.py: field a: int x: not a number
nfdict.py: a,b: name has white space, a comma or a control character"
prints "Python lists a table, as a module" "['10.0.0.1']" env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$examples" \
	python3 -c 'import nfdict; print([row.key for row in nfdict.Connection().rows("hosts")])'
"$n" delete hosts 10.0.0.1

# Go
if [[ -x $go ]]; then
	ok "Go writes a number" "$go" write hosts 10.0.0.2 quota -7
	ok "and a string" "$go" write hosts 10.0.0.2 user 'c d'
	prints "what it means" 'set hosts 10.0.0.2 quota int64 -7 user long_string "c d"' \
		"$n" list --sorted -k 10.0.0.2 hosts
	is "Go reads" "$("$go" read hosts 10.0.0.2 | tr ' ' '\n' | sort | tr '\n' ' ')" \
		"-7 10.0.0.2 c d hosts int64 long_string quota set user "
	is "Go says what is wrong" "$("$go" read hosts 99 2>&1; "$go" write 'a b' 1 f 1 2>&1)" \
		"nfdict: row 1: does not exist
nfdict: name has white space, a comma or a control character"
else
	echo "# no Go"
fi

"$n" set users 17 f int64 1
"$n" delete users 17
"$n" destroy users
python=$(heard python)
is "Python hears of a row and of its end" "$(grep users <<<"$python")" \
	$'create users\nreplace users 17 f int64 1\ndelete users 17\ndestroy users'
is "and of its own" "$(grep -c '^replace hosts 10.0.0.1 .*a b' <<<"$python")" 1
if [[ -x $go ]]; then
	go=$(heard go)
	is "Go hears the same" "$(grep users <<<"$go")" "$(grep users <<<"$python")"
	is "and of a row that Go wrote" "$(grep 'hosts 10.0.0.2' <<<"$go")" \
		$'replace hosts 10.0.0.2 quota int64 -7\nset hosts 10.0.0.2 user long_string c d'
fi

end
