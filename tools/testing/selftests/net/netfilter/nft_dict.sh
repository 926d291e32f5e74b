#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Rules with the dict expression act on packets that are routed.
#
# Needs neither nft, since nft_bytecode loads the rules, nor a tool for the
# tables, since packets fill them: the TTL of a packet selects a rule in the
# chain "control", which runs before the chain "test".

# shellcheck disable=SC1091,SC2154,SC2317
source lib.sh

ret=0

cleanup()
{
	kill "$receiver" 2>/dev/null
	cleanup_all_ns
	rm -f "$rules" "$listed"
}

checktool "socat -V" "run test without socat"
if ! [ -x ./nft_bytecode ]; then
	echo "SKIP: Could not run test without nft_bytecode"
	exit "$ksft_skip"
fi

receiver=
rules=$(mktemp)
listed=$(mktemp)
trap cleanup EXIT

setup_ns ns1 nsr ns2

ip link add veth0 netns "$ns1" type veth peer name veth1 netns "$nsr"
ip link add veth0 netns "$ns2" type veth peer name veth2 netns "$nsr"
ip -net "$nsr" link set veth1 up
ip -net "$nsr" link set veth2 up
ip -net "$nsr" addr add 10.0.1.1/24 dev veth1
ip -net "$nsr" addr add 10.0.2.1/24 dev veth2
ip -net "$nsr" addr add dead:1::1/64 dev veth1 nodad
ip -net "$nsr" addr add dead:2::1/64 dev veth2 nodad
for i in 1 2; do
	ns=ns$i
	ip -net "${!ns}" link set veth0 up
	ip -net "${!ns}" addr add "10.0.$i.99/24" dev veth0
	ip -net "${!ns}" addr add "dead:$i::99/64" dev veth0 nodad
	ip -net "${!ns}" route add default via "10.0.$i.1"
	ip -net "${!ns}" route add default via "dead:$i::1"
done
ip netns exec "$nsr" sysctl -q net.ipv4.ip_forward=1
ip netns exec "$nsr" sysctl -q net.ipv6.conf.all.forwarding=1

# receives the packets, since ICMP errors in reply would be counted, too
ip netns exec "$ns2" socat -u UDP6-RECV:5000,ipv6only=0 OPEN:/dev/null &
receiver=$!
receives()
{
	ip netns exec "$ns2" grep -q ':1388 ' /proc/net/udp6
}
busywait "$BUSYWAIT_TIMEOUT" receives

CHAINS="flush ruleset
table inet t
chain inet t control { type filter hook prerouting priority 0; policy accept; }
chain inet t test { type filter hook forward priority 0; policy accept; }
"
TTL="
  [ meta load nfproto => reg 1 ]
  [ cmp eq reg 1 0x00000002 ]
  [ payload load 1b @ network header + 8 => reg 1 ]"
SADDR="
  [ meta load nfproto => reg 1 ]
  [ cmp eq reg 1 0x00000002 ]
  [ payload load 4b @ network header + 12 => reg 1 ]"
APP='"sessions" . "application"'
USER='"sessions" . "user" long_string'
COUNT="
  [ counter pkts 0 bytes 0 ]"

# load NAME RULES: rules are lines of nft_bytecode, after the chains above
load()
{
	name=$1
	printf '%s\n%s\n' "$CHAINS" "$2" > "$rules"
	if ! ip netns exec "$nsr" ./nft_bytecode "$rules"; then
		echo "FAIL: $name: cannot load"
		ret=1
		return 1
	fi
	# the kernel must dump the expressions that were loaded
	ip netns exec "$nsr" ./nft_bytecode --list inet t > "$listed"
	if ! diff <(grep '\[ dict' "$rules" | sort) \
		  <(grep '\[ dict' "$listed" | sort); then
		echo "FAIL: $name: listed otherwise than loaded"
		ret=1
	fi
	counted=0
	failed=0
}

# packet TTL [SOURCE_PORT]
packet()
{
	echo x | ip netns exec "$ns1" socat -u - \
		"UDP4:10.0.2.99:5000,sourceport=${2:-4000},ttl=$1,reuseaddr" 2>/dev/null
}

packet6()
{
	echo x | ip netns exec "$ns1" socat -u - \
		"UDP6:[dead:2::99]:5000,sourceport=${1:-4000},reuseaddr" 2>/dev/null
}

# counts WHAT NUMBER: packets that the chain "test" counted since the last time
counts()
{
	local now

	now=$(ip netns exec "$nsr" ./nft_bytecode --counters inet t test |
	      sed 's/.*packets \([0-9]*\).*/\1/' |
	      awk '{ sum += $1 } END { print sum + 0 }')
	if [ $((now - counted)) -ne "$2" ]; then
		echo "FAIL: $name: $1: $((now - counted)) packets, expected $2"
		failed=1
		ret=1
	fi
	counted=$now
}

passed()
{
	[ "$failed" -ne 0 ] || echo "PASS: $name"
}

if ! error=$(printf '%s\n' "$CHAINS" 'inet t test' \
	     '[ ct load id => reg 1 ]' \
	     '[ dict exists key int/4 reg 1 "t" . "f" ]' |
	     ip netns exec "$nsr" ./nft_bytecode 2>&1); then
	case $error in
	*"No such file"* | *"not supported"*)
		echo "SKIP: kernel lacks the dict expression: $error"
		exit "$ksft_skip"
		;;
	esac
	echo "FAIL: cannot load a rule: $error"
	exit 1
fi

load "string, by ct id" "
inet t control$TTL
  [ cmp eq reg 1 0x0000004d ]
  [ ct load id => reg 1 ]
  [ dict set key int/4 reg 1 $APP long_string \"NETFLIX\" ]

inet t control$TTL
  [ cmp eq reg 1 0x0000004e ]
  [ ct load id => reg 1 ]
  [ dict delete key int/4 reg 1 $APP ]

inet t test
  [ ct load id => reg 1 ]
  [ dict match key int/4 reg 1 $APP long_string == { \"YOUTUBE\" \"NET*\" } ]$COUNT
" && {
	packet 64
	packet6
	counts "no row" 0
	packet 77
	counts "the packet that sets the field" 1
	packet 64
	packet 64
	counts "packets after it" 2
	packet 64 4001
	packet6
	counts "other connections" 0
	packet 78
	packet 64
	counts "the field is deleted" 0
	packet 77
	packet 64
	counts "and set again" 2
	passed
}

load "signed numbers, by address" "
inet t control$TTL
  [ cmp eq reg 1 0x0000004d ]$SADDR
  [ dict set key ipv4_addr reg 1 \"hosts\" . \"level\" int -2 ]

inet t control$TTL
  [ cmp eq reg 1 0x0000004e ]$SADDR
  [ dict add key ipv4_addr reg 1 \"hosts\" . \"level\" int 3 ]

inet t test$SADDR
  [ dict load key ipv4_addr reg 1 \"hosts\" . \"level\" int => int reg 1 ]
  [ cmp lt reg 1 0x00000080 ]$COUNT
" && {
	packet 64
	counts "no row" 0
	packet 78
	counts "nothing to add to" 0
	packet 77
	packet 64
	counts "-2 is less than 0" 2
	packet 78
	packet 64
	counts "1 is not" 0
	passed
}

load "quota" "
inet t control$TTL
  [ cmp eq reg 1 0x0000004d ]$SADDR
  [ dict set key ipv4_addr reg 1 \"hosts\" . \"quota\" int64 80 ]

inet t test$SADDR
  [ dict load key ipv4_addr reg 1 \"hosts\" . \"quota\" int64 => int64 reg 1 ]
  [ cmp lte reg 1 0x00000080 0x00000000 ]$COUNT
  [ immediate reg 0 drop ]

inet t test$SADDR
  [ meta load len => reg 2 ]
  [ dict sub key ipv4_addr reg 1 \"hosts\" . \"quota\" int64 integer/4 host reg 2 ]
" && {
	packet 77
	packet 64
	packet 64
	counts "30 bytes each of 80" 0
	packet 64
	packet 64
	counts "quota spent" 2
	packet 77
	counts "a new quota" 0
	passed
}

load "one table through another" "
inet t control$TTL
  [ cmp eq reg 1 0x0000004d ]
  [ ct load id => reg 1 ]
  [ dict set key int/4 reg 1 $USER \"alice\" ]

inet t control$TTL
  [ cmp eq reg 1 0x0000004e ]
  [ ct load id => reg 1 ]
  [ dict set key int/4 reg 1 $USER -> \"users\" . \"blocked\" bool true ]

inet t control$TTL
  [ cmp eq reg 1 0x0000004f ]
  [ ct load id => reg 1 ]
  [ dict flush key int/4 reg 1 $USER -> \"users\" ]

inet t test
  [ ct load id => reg 1 ]
  [ dict load key int/4 reg 1 $USER -> \"users\" . \"blocked\" bool => bool reg 1 ]
  [ cmp eq reg 1 0x00000001 ]$COUNT
" && {
	packet 78 4002
	counts "no user" 0
	packet 77 4002
	counts "nothing known of the user" 0
	packet 78 4002
	packet 77 4003
	packet 64 4004
	counts "each connection of the user" 2
	packet 79 4003
	packet 64 4002
	counts "the user's row is gone" 0
	passed
}

load "exists and missing" "
inet t control$TTL
  [ cmp eq reg 1 0x0000004d ]$SADDR
  [ dict set key ipv4_addr reg 1 \"hosts\" . \"seen\" bool false ]

inet t control$TTL
  [ cmp eq reg 1 0x0000004e ]$SADDR
  [ dict flush key ipv4_addr reg 1 \"hosts\" ]

inet t test$SADDR
  [ dict exists key ipv4_addr reg 1 \"hosts\" . \"seen\" ]$COUNT

inet t test
  [ meta load nfproto => reg 1 ]
  [ cmp eq reg 1 0x0000000a ]
  [ payload load 16b @ network header + 8 => reg 1 ]
  [ dict missing key ipv6_addr reg 1 \"hosts\" . \"seen\" ]$COUNT
" && {
	packet 78
	packet 64
	counts "nothing there" 0
	packet6
	counts "missing" 1
	packet 77
	packet 64
	counts "there" 2
	packet 78
	packet 64
	counts "gone" 0
	passed
}

# refused RULE MESSAGE
refused()
{
	local out

	name="refused: $2"
	if out=$(printf '%s\ninet t test\n  [ ct load id => reg 1 ]\n  [ %s ]\n' \
		 "$CHAINS" "$1" | ip netns exec "$nsr" ./nft_bytecode 2>&1); then
		echo "FAIL: $name: was not"
		ret=1
	elif [[ $out != *"$2"* ]]; then
		echo "FAIL: $name: $out"
		ret=1
	else
		echo "PASS: $name"
	fi
}

refused 'dict match key int/4 reg 1 "t" . "f" long_string == "a[b"' \
	"Pattern has a bracket"

exit $ret
