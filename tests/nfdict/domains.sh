#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Domains as keys.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

n=$nfdict

ok "a table of domains" "$n" create d key domain field category long_string
prints "its class" "create d key domain field category long_string" "$n" list d
ok "a name" "$n" set d Example.COM category long_string shop
ok "a suffix" "$n" set d .example.com category long_string below
ok "the name in another case" "$n" set d example.com category long_string mall
prints "two keys" 'create d key domain field category long_string
set d .example.com category long_string below
set d example.com category long_string mall' "$n" save --sorted d
prints "found in any case" "mall" "$n" get -r d EXAMPLE.com category
fails "a get is of the very key" 1 "d: www.example.com: row does not exist" "$n" get d www.example.com
ok "delete in any case" "$n" delete d .EXAMPLE.com

fails "a wildcard" 1 'd: "*.example.com": domain has a wildcard, .NAME is a suffix, byte 1' \
	"$n" set d '*.example.com' category long_string x
fails "an empty label" 1 "d: a..b: label of domain is empty, byte 3" \
	"$n" set d a..b category long_string x
fails "a dot at the end" 1 "d: a.b.: label of domain is empty, byte 4" \
	"$n" set d a.b. category long_string x
fails "not ASCII" 1 "d: bücher.example: domain is not in ASCII form (xn--), byte 2" \
	"$n" set d bücher.example category long_string x
fails "an address" 1 "d: 10.0.0.1: table has keys of class domain" \
	"$n" set d 10.0.0.1 category long_string x

ok "a list" "$n" load --swap d category long_string ads < <(printf '%s\n' \
	'# ads' ads.example .Tracker.example 163.com 1e100.net xn--bcher-kva.example)
prints "has replaced what was there" 'create d key domain field category long_string
set d .tracker.example category long_string ads
set d 163.com category long_string ads
set d 1e100.net category long_string ads
set d ads.example category long_string ads
set d xn--bcher-kva.example category long_string ads' "$n" save --sorted d
before=$("$n" save --sorted d)
fails "a list with what is no domain" 1 \
	'standard input: line 2: d: "*.b": domain has a wildcard, .NAME is a suffix, byte 1' \
	"$n" load --swap d category long_string ads <<<$'a.b\n*.b'
is "changes nothing" "$("$n" save --sorted d)" "$before"
"$n" save --sorted d >"$work/saved"
ok "restore" "$n" restore --swap <"$work/saved"
is "brings it back" "$("$n" save --sorted d)" "$before"
prints "JSON has the class" '"domain"' sh -c "'$n' -j list d | grep -o '\"domain\"'"
"$n" destroy d

end
