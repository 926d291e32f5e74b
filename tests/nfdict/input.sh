#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Bad input: each is refused with a message that names the culprit, and changes
# nothing.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

n=$nfdict
long=$(printf 'x%.0s' {1..128})

"$n" set t k f int 1
before=$("$n" save)

fails "unknown command" 2 "frobnicate: unknown command, see nfdict --help" "$n" frobnicate
fails "unknown option" 2 "--frob: unknown option, see nfdict --help" "$n" --frob list
fails "option without its argument" 2 "--key: argument is missing" "$n" list --key
fails "too few words" 2 "usage: nfdict get TABLE KEY [FIELD]..." "$n" get t
fails "too many words" 2 "usage: nfdict swap TABLE TABLE" "$n" swap a b c
fails "no field" 2 "usage: nfdict set TABLE KEY FIELD TYPE VALUE [FIELD TYPE VALUE]... [timeout TIME]" \
	"$n" set t k
fails "no type" 2 "field f: type and value are missing" "$n" set t k f
fails "no value" 2 "field f: value is missing" "$n" set t k f int
fails "unknown type" 2 "field f: string: unknown type" "$n" set t k f string x
fails "bad bool" 2 "field f: bool maybe: not valid" "$n" set t k f bool maybe
fails "bad int" 2 "field f: int 12x: not valid" "$n" set t k f int 12x
fails "int out of range" 2 "field f: int 2147483648: out of range" "$n" set t k f int 2147483648
fails "int64 out of range" 2 "field f: int64 9223372036854775808: out of range" \
	"$n" set t k f int64 9223372036854775808
fails "bad address" 2 "field f: ipv4_addr 1.2.3: not valid" "$n" set t k f ipv4_addr 1.2.3
fails "string of 129 bytes" 2 "field f: long_string ${long}x: too long" \
	"$n" set t k f long_string "${long}x"
fails "key of 129 bytes" 2 "key ${long}x: too long" "$n" set t "${long}x" f int 1
fails "empty key" 2 'key "": not valid' "$n" set t '' f int 1
fails "bad forced key" 2 "key ip:user: not valid" "$n" get t ip:user
fails "raw key of 65 bytes" 2 "key raw:$(printf '00%.0s' {1..65}): too long" \
	"$n" delete t "raw:$(printf '00%.0s' {1..65})"
fails "bad timeout" 2 "timeout soon: neither seconds nor like 1h30m" \
	"$n" set t k f int 1 timeout soon
fails "long timeout" 2 "timeout 50d: longer than 49 days" "$n" set t k f int 1 timeout 50d
fails "bad size" 2 "size -1: not a number from 0 to 4294967295" "$n" create x size -1
fails "unknown property" 2 "usage: nfdict create TABLE [size ROWS] [timeout TIME]" \
	"$n" create x colour red

# What the kernel checks
fails "table name of 129 bytes" 1 "${long}x: name or string is too long" \
	"$n" set "${long}x" k f int 1
fails "field name of 129 bytes" 1 "t: k: $long: name or string is too long" \
	"$n" set t k "${long}x" int 1
for name in 'a b' 'a,b' $'a\tb' $'a\nb' $'a\x7fb'; do
	fails "table name $(printf %q "$name")" 1 \
		"$name: name has white space, a comma or a control character" \
		"$n" create "$name"
	fails "field name $(printf %q "$name")" 1 \
		"t: k: $name: name has white space, a comma or a control character" \
		"$n" set t k "$name" int 1
done
fails "empty table name" 1 ": name is empty" "$n" set '' k f int 1
fails "empty field name" 1 "t: k: name is empty" "$n" set t k '' int 1
fails "a field twice" 1 "t: k: row has a field twice" "$n" set t k f int 1 f int 2
args=()
for ((i = 0; i < 256; i++)); do args+=("f$i" int "$i"); done
fails "256 fields" 2 "more than 255 fields" "$n" set t k "${args[@]}"
ok "255 fields" "$n" set t many "${args[@]:0:765}"
is "all of them" "$("$n" get -r t many | sort -n | uniq | wc -l)" 255
fails "one more" 1 "t: many: the row would have more than 255 fields" \
	"$n" set t many another int 1
ok "delete that row" "$n" delete t many
is "nothing has changed" "$("$n" save)" "$before"

fails "a full disk" 1 "standard output: No space left on device" sh -c "'$n' list >/dev/full"
fails "restore of a directory" 1 "/tmp: line 0: Is a directory" "$n" restore /tmp

# Rows near the limit of a message
args=()
for ((i = 0; i < 200; i++)); do
	args+=("$(printf '%0128d' "$i")" long_string "$long")
done
ok "200 fields of the longest kind" "$n" set t big "${args[@]}"
args=()
for ((i = 200; i < 255; i++)); do
	args+=("$(printf '%0128d' "$i")" long_string "$long")
done
ok "and 55 more" "$n" set t big "${args[@]}"
is "come back all" "$("$n" get -r t big | sort | uniq -c | sed 's/^ *//')" "255 $long"
is "in a listing, too" "$("$n" list -k big t | wc -w)" $((3 + 3 * 255))
"$n" save | LC_ALL=C sort >"$work/big"
"$n" destroy t
ok "restore a row that is over the limit" "$n" restore "$work/big"
is "has it as it was" "$("$n" save | LC_ALL=C sort)" "$(<"$work/big")"
"$n" set t big another int 1 2>/dev/null || :
"$n" delete t big "${args[0]}"
"$n" set t big another int 1
line=$(grep "^set t big" "$work/big")
ok "so does replace" "$n" restore <<<"replace ${line#set }"
is "drops what is not named" "$("$n" save | LC_ALL=C sort)" "$(<"$work/big")"
fails "add minds that it exists" 1 "standard input: line 1: t: big: row exists already" \
	"$n" restore <<<"add ${line#set }"
fails "a field twice, in different messages" 1 \
	"standard input: line 1: t: twice: ${args[0]}: row has a field twice" \
	"$n" restore <<<"set t twice ${args[*]:0:3} ${line#set t big * * * }"
is "is refused as a whole" "$("$n" -q get t twice)" ""

end
