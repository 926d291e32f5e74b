#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# shellcheck disable=SC2154,SC2317,SC1091 # variables of lib.sh, functions of traps
#
# Check that nftables' "ct id" is the id that ctnetlink reports, from the first
# packet of a connection to its destroy event:
#
# - for TCP, UDP and ICMP, IPv4 and IPv6, in both directions
# - with source and destination NAT
# - in conntrack zones
# - for expected connections
# - for connections that ctnetlink created
#
# and that connections do not inherit the id of the one that used their memory
# before, and that untracked packets have none.
#
#   nsc --- veth --- nsr (conntrack, nft) --- veth --- nss

source lib.sh

checktool "nft --version" "run test without nft tool"
checktool "conntrack --version" "run test without conntrack tool"
checktool "socat -V" "run test without socat tool"

# Upper limits: waits end as soon as their condition holds
if [ "$KSFT_MACHINE_SLOW" = yes ]; then
	WAIT_TIMEOUT=$((WAIT_TIMEOUT * 10))
	BUSYWAIT_TIMEOUT=$((BUSYWAIT_TIMEOUT * 10))
fi

ret=0
tmpdir=$(mktemp -d)

cleanup()
{
	cleanup_all_ns
	rm -rf "$tmpdir"
}
trap cleanup EXIT

pass()
{
	echo "PASS: $*"
}

fail()
{
	echo "FAIL: $*" 1>&2
	ret=1
}

in_nsr()
{
	ip netns exec "$nsr" "$@"
}

#### setup

setup_ns nsc nsr nss || exit "$ksft_skip"

if ! ip link add veth0 netns "$nsr" type veth peer name eth0 netns "$nsc" ||
   ! ip link add veth1 netns "$nsr" type veth peer name eth0 netns "$nss"; then
	echo "SKIP: Could not add veth devices"
	exit "$ksft_skip"
fi

ip -net "$nsr" link set veth0 up
ip -net "$nsr" addr add 10.0.1.1/24 dev veth0
ip -net "$nsr" addr add dead:1::1/64 dev veth0 nodad
ip -net "$nsr" link set veth1 up
ip -net "$nsr" addr add 10.0.2.1/24 dev veth1
ip -net "$nsr" addr add dead:2::1/64 dev veth1 nodad

ip -net "$nsc" link set eth0 up
ip -net "$nsc" addr add 10.0.1.99/24 dev eth0
ip -net "$nsc" addr add dead:1::99/64 dev eth0 nodad
ip -net "$nsc" route add default via 10.0.1.1
ip -net "$nsc" route add default via dead:1::1

ip -net "$nss" link set eth0 up
ip -net "$nss" addr add 10.0.2.99/24 dev eth0
ip -net "$nss" addr add dead:2::99/64 dev eth0 nodad
ip -net "$nss" route add default via 10.0.2.1
ip -net "$nss" route add default via dead:2::1

in_nsr sysctl -q net.ipv4.ip_forward=1
in_nsr sysctl -q net.ipv6.conf.all.forwarding=1

# Each hook records the ids it sees.  "pre" is right after conntrack, where the
# connection of a first packet has neither been NATed nor confirmed.  "post" is
# right before it is confirmed, where all NAT is done.
if ! in_nsr nft -f /dev/stdin <<EOF
table inet t {
	set pre { typeof ct id . ct direction; size 65535; flags dynamic; }
	set mid { typeof ct id . ct direction; size 65535; flags dynamic; }
	set post { typeof ct id . ct direction; size 65535; flags dynamic; }
	set zones { typeof ct id . ct zone; size 65535; flags dynamic; }
	set expected { typeof ct id . ct direction; size 65535; flags dynamic; }
	set untracked { typeof ct id . ct direction; size 65535; flags dynamic; }

	counter equal { }
	counter unequal { }
	counter no_ct { }

	ct helper ftp {
		type "ftp" protocol tcp
	}

	chain raw {
		type filter hook prerouting priority -300; policy accept;
		udp dport 5003 notrack
		udp dport 5002 ip dscp 8 ct zone set 1
		udp dport 5002 ip dscp 16 ct zone set 2
		tcp dport 5005 ct zone set 3
		tcp sport 5005 ct zone set 3
	}

	chain pre {
		type filter hook prerouting priority -199; policy accept;
		add @pre { ct id . ct direction }
	}

	chain mid {
		type filter hook forward priority 0; policy accept;
		add @mid { ct id . ct direction }
		add @zones { ct id . ct zone }
		ct status expected add @expected { ct id . ct direction }
		udp dport 5003 counter name no_ct add @untracked { ct id . ct direction }
		jump compare
	}

	chain compare {
	}

	chain assign_helper {
		type filter hook prerouting priority 0; policy accept;
		tcp dport 2121 ct helper set "ftp"
	}

	chain post {
		type filter hook postrouting priority 300; policy accept;
		add @post { ct id . ct direction }
	}

	chain to_server {
		type nat hook prerouting priority -100; policy accept;
		ip daddr 10.9.9.9 dnat ip to 10.0.2.99
		ip6 daddr dead:9::9 dnat ip6 to dead:2::99
	}

	chain from_gateway {
		type nat hook postrouting priority 100; policy accept;
		ct status dnat masquerade
	}
}
EOF
then
	echo "SKIP: Could not load nft ruleset"
	exit "$ksft_skip"
fi

# Later packets of a deleted connection must not start a new one
in_nsr sysctl -q net.netfilter.nf_conntrack_tcp_loose=0

# No connection may time out during a test, even on a slow machine
for t in icmp_timeout icmpv6_timeout udp_timeout udp_timeout_stream; do
	in_nsr sysctl -q net.netfilter.nf_conntrack_$t=3600
done

#### helpers

# Print the ids in the output of conntrack -o id: the last id= of each line,
# since the id of an ICMP echo precedes it
ct_ids()
{
	sed -n 's/.* id=\([0-9]*\).*/\1/p'
}

ct_list()
{
	in_nsr conntrack -L -o id "$@" 2>/dev/null | ct_ids
}

# Print the id of the connection that the options select, if there is only one
ct_one()
{
	local ids

	ids=$(ct_list "$@")
	[ -n "$ids" ] && [ "$(echo "$ids" | wc -l)" -eq 1 ] && echo "$ids"
}

set_elements()
{
	in_nsr nft list set inet t "$1" | tr '\n\t' '  ' |
		sed -n 's/.*elements = {\([^}]*\)}.*/\1/p' | tr ',' '\n' |
		sed 's/^ *//; s/ *$//' | sort
}

# True if the elements of set $1 are exactly the lines in $2
set_is()
{
	[ "$(set_elements "$1")" = "$(echo "$2" | sort)" ]
}

# Delete all connections and all recorded ids
forget()
{
	local s

	in_nsr conntrack -F 2>/dev/null
	for s in pre mid post zones expected untracked; do
		in_nsr nft flush set inet t "$s"
	done
}

# Check that all hooks have seen only id $2, in both directions
check_seen()
{
	local msg=$1 id=$2 s

	for s in pre mid post; do
		if ! busywait "$BUSYWAIT_TIMEOUT" set_is "$s" "$id . original
$id . reply"; then
			fail "$msg: ctnetlink reports id $id, hook $s saw:" \
				"$(set_elements "$s" | xargs)"
			return 1
		fi
	done
}

event_is()
{
	grep -F "[$1]" "$tmpdir/events" | ct_ids | grep -qx "$2"
}

check_event()
{
	local msg=$1 event=$2 id=$3

	if ! busywait "$BUSYWAIT_TIMEOUT" event_is "$event" "$id"; then
		fail "$msg: no $event event with id $id:" \
			"$(grep -F "[$event]" "$tmpdir/events" | ct_ids | xargs)"
		return 1
	fi
}

# Check that packets of the connection match "ct id $id", not "ct id != $id"
check_compare()
{
	local msg=$1 id=$2

	in_nsr nft -f /dev/stdin > /dev/null <<EOF
flush chain inet t compare
reset counters table inet t
add rule inet t compare ct id $id counter name equal
add rule inet t compare ct id != $id counter name unequal
EOF
	talk || return 1
	in_nsr nft flush chain inet t compare

	if ! in_nsr nft list counter inet t equal | grep -q 'packets [1-9]' ||
	   ! in_nsr nft list counter inet t unequal | grep -q 'packets 0'; then
		fail "$msg: rule with ct id $id:" \
			"$(in_nsr nft list counters table inet t | grep packets | xargs)"
		return 1
	fi
}

# Open a connection to an echo server: open SOCAT-ADDRESS
open()
{
	coproc client { exec ip netns exec "$nsc" socat STDIO "$1"; }
	to=${client[1]}
	from=${client[0]}
	client_pid=$client_PID
}

# Send a line and wait for the echo
talk()
{
	local line

	echo "ping" >&"$to"
	if ! read -r -t "$WAIT_TIMEOUT" -u "$from" line || [ "$line" != "ping" ]; then
		fail "no answer from echo server"
		return 1
	fi
}

close()
{
	kill "$client_pid" 2>/dev/null
	wait "$client_pid" 2>/dev/null
}

listening()
{
	local args=$1 port=$2

	ss -N "$nss" -Hln "$args" "sport = :$port" | grep -q .
}

for port in 5000 5005 10015; do
	ip netns exec "$nss" socat TCP6-LISTEN:$port,ipv6only=0,reuseaddr,fork \
		EXEC:cat 2>/dev/null &
	busywait "$BUSYWAIT_TIMEOUT" listening -t $port
done
ip netns exec "$nss" socat UDP6-LISTEN:5000,ipv6only=0,reuseaddr,fork \
	EXEC:cat 2>/dev/null &
busywait "$BUSYWAIT_TIMEOUT" listening -u 5000
for port in 5002 5003 5004; do
	ip netns exec "$nss" socat -u UDP-RECV:$port OPEN:/dev/null 2>/dev/null &
	busywait "$BUSYWAIT_TIMEOUT" listening -u $port
done

in_nsr conntrack -E -e NEW,DESTROY -o id > "$tmpdir/events" 2>/dev/null &
event_listener_ready()
{
	in_nsr conntrack -I -p udp -s 192.0.2.1 -d 192.0.2.2 --sport 1 --dport 1 \
		--timeout 3600 > /dev/null 2>&1
	in_nsr conntrack -D -p udp -s 192.0.2.1 > /dev/null 2>&1
	[ -s "$tmpdir/events" ]
}
if ! busywait "$BUSYWAIT_TIMEOUT" event_listener_ready; then
	echo "SKIP: Could not listen to conntrack events"
	exit "$ksft_skip"
fi

#### tests

# Follow one connection from its first packet to its destroy event:
# test_echo MESSAGE PROTOCOL SOCAT-ADDRESS ORIG-DST [CONNTRACK-OPTION]...
test_echo()
{
	local msg=$1 proto=$2 addr=$3 dst=$4 family=ipv4 id
	shift 4

	[[ $dst == *:* ]] && family=ipv6

	forget
	open "$addr"
	if ! talk; then
		close
		return
	fi

	id=$(busywait "$BUSYWAIT_TIMEOUT" ct_one -f $family -p "$proto" -d "$dst" "$@")
	if [ -z "$id" ]; then
		fail "$msg: not exactly one connection:" \
			"$(in_nsr conntrack -L -f $family -o id 2>/dev/null)"
		close
		return
	fi

	check_seen "$msg" "$id" &&
	check_event "$msg" NEW "$id" &&
	check_compare "$msg" "$id" &&
	talk &&
	check_seen "$msg, later packets" "$id" &&
	if [ "$(ct_list -f $family -p "$proto" -d "$dst" "$@")" != "$id" ]; then
		fail "$msg: id has changed from $id to" \
			"$(ct_list -f $family -p "$proto" -d "$dst" "$@" | xargs)"
		false
	fi &&
	in_nsr conntrack -D -f $family -p "$proto" -d "$dst" "$@" > /dev/null 2>&1 &&
	check_event "$msg" DESTROY "$id" &&
	pass "$msg"

	close
}

test_ping()
{
	local msg=$1 proto=$2 dst=$3 family=ipv4 id

	[[ $dst == *:* ]] && family=ipv6

	forget
	ip netns exec "$nsc" ping -q -c 5 -i 0.2 "$dst" > /dev/null &
	id=$(busywait "$BUSYWAIT_TIMEOUT" ct_one -f $family -p "$proto" -d "$dst")
	wait $!
	if [ -z "$id" ]; then
		fail "$msg: not exactly one connection"
		return
	fi

	check_seen "$msg" "$id" &&
	check_event "$msg" NEW "$id" &&
	if [ "$(ct_list -f $family -p "$proto" -d "$dst")" != "$id" ]; then
		fail "$msg: id has changed from $id to" \
			"$(ct_list -f $family -p "$proto" -d "$dst" | xargs)"
		false
	fi &&
	in_nsr conntrack -D -f $family -p "$proto" -d "$dst" > /dev/null 2>&1 &&
	check_event "$msg" DESTROY "$id" &&
	pass "$msg"
}

# The same addresses and ports in two zones
test_zones()
{
	local msg="same tuple in two zones" id1 id2

	forget
	# DSCP 8 goes to zone 1, 16 to zone 2
	for tos in 0x20 0x40 0x20 0x40; do
		echo x | ip netns exec "$nsc" socat -u STDIN \
			UDP:10.0.2.99:5002,sourceport=5002,ip-tos=$tos
	done

	id1=$(busywait "$BUSYWAIT_TIMEOUT" ct_one -p udp --dport 5002 -w 1)
	id2=$(busywait "$BUSYWAIT_TIMEOUT" ct_one -p udp --dport 5002 -w 2)
	if [ -z "$id1" ] || [ -z "$id2" ] || [ "$id1" = "$id2" ]; then
		fail "$msg: id in zone 1 is '$id1', in zone 2 '$id2'"
	elif ! busywait "$BUSYWAIT_TIMEOUT" set_is zones "$id1 . 1
$id2 . 2"; then
		fail "$msg: ids are $id1 in zone 1, $id2 in zone 2, nft saw:" \
			"$(set_elements zones | xargs)"
	else
		pass "$msg"
	fi
}

# The data connection of a passive FTP session
test_expected()
{
	local msg="expected connection" line id

	# port 10015 is 39 * 256 + 31
	cat > "$tmpdir/ftpd" <<-'EOF'
		printf "220 ready\r\n"
		read -r
		printf "227 Entering Passive Mode (10,0,2,99,39,31)\r\n"
		read -r
	EOF
	ip netns exec "$nss" socat TCP-LISTEN:2121,reuseaddr \
		EXEC:"bash $tmpdir/ftpd" 2>/dev/null &
	busywait "$BUSYWAIT_TIMEOUT" listening -t 2121

	forget
	open TCP:10.0.2.99:2121
	read -r -t "$WAIT_TIMEOUT" -u "$from" line
	printf 'PASV\r\n' >&"$to"
	read -r -t "$WAIT_TIMEOUT" -u "$from" line
	if [[ $line != 227* ]]; then
		fail "$msg: no answer from FTP server: $line"
		close
		return
	fi

	id=$(busywait "$BUSYWAIT_TIMEOUT" ct_one -p tcp --dport 2121)
	check_seen "FTP control connection" "$id"

	ip netns exec "$nsc" socat -u OPEN:/dev/null TCP:10.0.2.99:10015 2>/dev/null
	id=$(busywait "$BUSYWAIT_TIMEOUT" ct_one -p tcp --dport 10015 -u EXPECTED)
	if [ -z "$id" ]; then
		fail "$msg: none, is nf_conntrack_ftp there?"
	elif ! busywait "$BUSYWAIT_TIMEOUT" set_is expected "$id . original
$id . reply"; then
		fail "$msg: ctnetlink reports id $id, nft saw:" \
			"$(set_elements expected | xargs)"
	elif [ "$id" = "$(ct_list -p tcp --dport 2121)" ]; then
		fail "$msg: has the id of its master"
	else
		in_nsr conntrack -D -p tcp --dport 10015 > /dev/null 2>&1
		check_event "$msg" NEW "$id" &&
		check_event "$msg" DESTROY "$id" &&
		pass "$msg"
	fi

	close
}

# A connection that ctnetlink created and listed before its first packet
test_ctnetlink()
{
	local msg="connection created by ctnetlink" id

	forget
	if ! in_nsr conntrack -I -p udp -s 10.0.1.99 -d 10.0.2.99 --sport 5004 \
		--dport 5004 --timeout 3600 > /dev/null 2>&1; then
		fail "$msg: conntrack -I"
		return
	fi
	id=$(ct_one -p udp --dport 5004)

	echo x | ip netns exec "$nsc" socat -u STDIN UDP:10.0.2.99:5004,sourceport=5004
	if ! busywait "$BUSYWAIT_TIMEOUT" set_is mid "$id . original"; then
		fail "$msg: id $id, nft saw: $(set_elements mid | xargs)"
	elif [ "$(ct_one -p udp --dport 5004)" != "$id" ]; then
		fail "$msg: id has changed from $id to $(ct_one -p udp --dport 5004)"
	else
		pass "$msg"
	fi
}

untracked_packet_arrived()
{
	in_nsr nft list counter inet t no_ct | grep -q 'packets 1 '
}

test_untracked()
{
	local msg="untracked packets"

	forget
	in_nsr nft reset counter inet t no_ct > /dev/null
	echo x | ip netns exec "$nsc" socat -u STDIN UDP:10.0.2.99:5003

	if ! busywait "$BUSYWAIT_TIMEOUT" untracked_packet_arrived; then
		fail "$msg: did not arrive"
	elif [ -n "$(set_elements untracked)" ]; then
		fail "$msg: have ids: $(set_elements untracked | xargs)"
	else
		pass "$msg have no id"
	fi
}

udp_connections()
{
	[ "$(ct_list -p udp | wc -l)" -ge "$1" ]
}

# Connections in memory that earlier ones used.  Their ports differ, since the
# same tuple at the same address has the same id.
test_reuse()
{
	local msg="connections in reused memory" rounds=5 n=50 i ids

	forget
	for ((i = 0; i < rounds; i++)); do
		# shellcheck disable=SC2016
		ip netns exec "$nsc" bash -c \
			'for ((p = $1; p < $2; p++)); do echo > /dev/udp/10.0.2.99/$p; done' \
			bash $((20000 + i * n)) $((20000 + (i + 1) * n))
		busywait "$BUSYWAIT_TIMEOUT" udp_connections $n >/dev/null
		in_nsr conntrack -L -o id -p udp 2>/dev/null
		in_nsr conntrack -F 2>/dev/null
	done | ct_ids | sort > "$tmpdir/listed"

	# replies are ICMP errors
	set_elements mid | sed -n 's/ \. original//p' | sort > "$tmpdir/seen"
	ids=$(uniq "$tmpdir/seen" | wc -l)
	if ! cmp -s "$tmpdir/listed" "$tmpdir/seen"; then
		fail "$msg: ids that ctnetlink lists are not those that nft saw:" \
			"$(diff "$tmpdir/listed" "$tmpdir/seen" | head -n 3 | xargs)"
	elif [ "$ids" -ne $((rounds * n)) ]; then
		fail "$msg: $((rounds * n)) connections have $ids ids"
	else
		pass "$msg have ids of their own"
	fi
}

test_echo "TCP, IPv4" tcp TCP:10.0.2.99:5000 10.0.2.99
test_echo "TCP, IPv6" tcp "TCP:[dead:2::99]:5000" dead:2::99
test_echo "UDP, IPv4" udp UDP:10.0.2.99:5000 10.0.2.99
test_echo "UDP, IPv6" udp "UDP:[dead:2::99]:5000" dead:2::99
test_ping "ICMP" icmp 10.0.2.99
test_ping "ICMPv6" icmpv6 dead:2::99
test_echo "NATed TCP, IPv4" tcp TCP:10.9.9.9:5000 10.9.9.9
test_echo "NATed TCP, IPv6" tcp "TCP:[dead:9::9]:5000" dead:9::9
test_echo "NATed UDP, IPv4" udp UDP:10.9.9.9:5000 10.9.9.9
test_ping "NATed ICMP" icmp 10.9.9.9
test_echo "TCP in a zone" tcp TCP:10.0.2.99:5005 10.0.2.99 -w 3
test_zones
test_expected
test_ctnetlink
test_untracked
test_reuse

exit $ret
