#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Bad input: each is refused with a message that names what is wrong, and
# changes nothing.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

n=$nfdict
long=$(printf 'x%.0s' {1..128})
# How messages show a word that is too long.
cut=${long:0:61}...
string=$(printf 's%.0s' {1..4095})

"$n" set t k f int 1
before=$("$n" save)

# Files with a byte order mark, in UTF-16, or with other text
ok "a byte order mark at the beginning of a file" "$n" restore <<<$'\xef\xbb\xbfset t k f int 1'
ok "in JSON, too" "$n" restore -j <<<$'\xef\xbb\xbf{"tables": []}'
fails "UTF-16" 2 "standard input: text in UTF-16; it must be UTF-8" "$n" restore < <(printf '\xff\xfes\0e\0t\0')
fails "a command that is long and strange" 2 "standard input: line 1: $cut: unknown command" \
	"$n" restore <<<"$long"

fails "unknown command" 2 "frobnicate: unknown command, see nfdict --help" "$n" frobnicate
fails "unknown option" 2 "--frob: unknown option, see nfdict --help" "$n" --frob list
fails "option without its argument" 2 "--key: argument is missing" "$n" list --key
fails "too few words" 2 "usage: nfdict get TABLE KEY [FIELD]..." "$n" get t
fails "too many words" 2 "usage: nfdict swap TABLE TABLE [TABLE TABLE]..." "$n" swap a b c
fails "no field" 2 "usage: nfdict set TABLE KEY FIELD TYPE VALUE [FIELD TYPE VALUE]... [timeout TIME]" \
	"$n" set t k
fails "no type" 2 "field f: type and value are missing" "$n" set t k f
fails "no value" 2 "field f: value is missing" "$n" set t k f int
fails "unknown type" 2 "field f: text: unknown type" "$n" set t k f text x
fails "bad bool" 2 "field f: bool maybe: neither true nor false" "$n" set t k f bool maybe
fails "bad int" 2 "field f: int 12x: not a number" "$n" set t k f int 12x
fails "int out of range" 2 "field f: int 2147483648: beyond 32 bits; int64 has 64" "$n" set t k f int 2147483648
fails "int64 out of range" 2 "field f: int64 9223372036854775808: beyond 64 bits" \
	"$n" set t k f int64 9223372036854775808
fails "bad address" 2 "field f: ipv4_addr 1.2.3: not an IPv4 address" "$n" set t k f ipv4_addr 1.2.3
fails "string of 4096 bytes" 2 "field f: long_string ${string:0:61}...: longer than 4095 bytes" \
	"$n" set t k f long_string "${string}x"
fails "key of 255 bytes" 2 "key ${string:0:61}...: longer than 254 bytes" "$n" set t "${string:0:255}" f int 1
fails "empty key" 2 'key "": empty' "$n" set t '' f int 1
fails "bad forced key" 2 "key ip:user: not an IPv4 address" "$n" get t ip:user
fails "raw key of 65 bytes" 2 "key raw:$(printf '0%.0s' {1..57})...: longer than 64 bytes" \
	"$n" delete t "raw:$(printf '00%.0s' {1..65})"

# A word that looks like an address or a number, but is not one, is no key.
while IFS=$'\t' read -r key why; do
	fails "key $key" 2 "key $key: $why; string: makes it a string" "$n" set t "$key" f int 1
	fails "get of key $key" 2 "key $key: $why; string: makes it a string" "$n" get t "$key"
done <<-'END'
	192.168.1.256	neither a number nor an address
	10.0.0.1/24	a network, not an address
	fe80::1%eth0	an address with a zone
	00:11:22:33:44	not a valid address
	0x10	hexadecimal, which int: takes
	-5	negative, which no key is
	18446744073709551616	a number above 18446744073709551615
	007	not how a number is written
END
fails "in a filter, too" 2 "key 10.0.0.256: neither a number nor an address; string: makes it a string" \
	"$n" list -k 10.0.0.256
fails "in a file, too" 2 "standard input: line 2: key 10.0.0.256: neither a number nor an address; string: makes it a string" \
	"$n" restore <<<$'\ndelete t 10.0.0.256'
ok "a string that says so" "$n" set t string:192.168.1.256 f int 1
prints "is printed so that it can be read" "set t string:192.168.1.256 f int 1" "$n" get t string:192.168.1.256
ok "delete it" "$n" delete t string:192.168.1.256

# Options stand anywhere, but only with commands that use them
fails "an option that means nothing" 2 "--terse has no meaning with set; a word that begins with - stands after --" \
	"$n" set -t 1 f int 1
fails "before the command, either" 2 "--swap has no meaning with list; a word that begins with - stands after --" \
	"$n" --swap list
fails "for a filter of a row" 2 "--key has no meaning with get; a word that begins with - stands after --" \
	"$n" get --key=1 t 1
fails "an argument that is not taken" 2 "--json=1: takes no argument" "$n" list --json=1
fails "one of several letters" 2 "-jx: unknown option, see nfdict --help" "$n" list -jx
fails "in a file" 2 "standard input: line 1: --json has no meaning with set; a word that begins with - stands after --" \
	"$n" restore <<<"set t k f int 1 -j"
fails "help in a file" 2 "standard input: line 1: -h: unknown option" "$n" restore <<<"flush t -h"
fails "bad timeout" 2 "timeout soon: neither seconds nor like 1h30m" \
	"$n" set t k f int 1 timeout soon
fails "long timeout" 2 "timeout 50d: longer than 49 days" "$n" set t k f int 1 timeout 50d
fails "bad size" 2 "size -1: not a number from 0 to 4294967295" "$n" create x size -1
fails "unknown property" 2 "usage: nfdict create TABLE [key CLASS] [field NAME TYPE]... [open] [size ROWS] [timeout TIME]" \
	"$n" create x colour red

# Names
fails "table name of 129 bytes" 2 "$cut: name is longer than 128 bytes" \
	"$n" set "${long}x" k f int 1
fails "field name of 129 bytes" 2 "t: k: $cut: name is longer than 128 bytes" \
	"$n" set t k "${long}x" int 1
while IFS=$'\t' read -r name shown; do
	name=$(printf %b "$name")
	fails "table name $shown" 2 \
		"$shown: name has white space, a comma or a control character" \
		"$n" create "$name"
	fails "field name $shown" 2 \
		"t: k: $shown: name has white space, a comma or a control character" \
		"$n" set t k "$name" int 1
done <<-'END'
	a b	"a b"
	a,b	a,b
	a\tb	"a\tb"
	a\nb	"a\nb"
	a\x7fb	"a\x7fb"
END
fails "empty table name" 2 '"": name is empty' "$n" set '' k f int 1
fails "empty field name" 2 "t: k: name is empty" "$n" set t k '' int 1
fails "a field twice" 2 "t: k: f: row has a field twice" "$n" set t k f int 1 f int 2
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
fails "restore of a directory" 1 "/tmp: Is a directory" "$n" restore /tmp

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
# A row of a megabyte, listed, watched, saved and restored
for ((i = 0; i < 255; i++)); do
	printf 'set great 1 %0128d long_string %s%03d\n' "$i" "${string:3}" "$i"
done >"$work/great"
"$n" monitor >"$work/events" &
monitor=$!
sleep 0.5
ok "255 fields of the longest names and strings" "$n" restore "$work/great"
is "as many events, of one field each" \
	"$(for ((i = 0; i < 50; i++)); do grep -c ' great 1 ' "$work/events" | grep -x 255 && break; sleep 0.1; done)" 255
kill "$monitor"
is "none of them cut" "$(sed -n 's/^[a-z]* great 1 /set great 1 /p' "$work/events")" "$(<"$work/great")"
is "the listing is as long" "$("$n" list great | wc -c)" \
	$((13 + 11 + 255 * (129 + 12 + 1 + 4095) + 1))
"$n" save great >"$work/great"
is "and has them all" "$(grep -o "${string:3}..." "$work/great" | sort -u | wc -l)" 255
is "each whole" "$("$n" get -r great 1 "$(printf '%0128d' 7)")" "${string:3}007"
"$n" destroy great
ok "restored in a line" "$n" restore "$work/great"
is "it is the same" "$("$n" save great)" "$(<"$work/great")"
"$n" destroy great
ok "and swapped into place" "$n" restore --swap "$work/great"
is "it is the same again" "$("$n" save great)" "$(<"$work/great")"
"$n" destroy great

fails "a field twice, in different messages" 2 \
	"standard input: line 1: t: twice: ${args[0]:0:61}...: row has a field twice" \
	"$n" restore <<<"set t twice ${args[*]:0:3} ${line#set t big * * * }"
is "is refused as a whole" "$("$n" -q get t twice)" ""

end
