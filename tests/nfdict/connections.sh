#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tables of class ct: rows live and die with their connection.
# shellcheck disable=SC2317 # wait_for calls functions

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"
need nft nft_bytecode conntrack python3

n=$nfdict
daemon=$tool_dir/examples/nfdict-queue
[[ -x $daemon ]] || make -s -C "$tool_dir" examples/nfdict-queue >&2
ip link set lo up

# A packet of UDP from one port to another.
packet() {
	python3 - "$1" "$2" <<-'END'
	import socket, sys
	taker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	taker.bind(("127.0.0.1", int(sys.argv[2])))
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("127.0.0.1", int(sys.argv[1])))
	s.sendto(b"x" * 20, ("127.0.0.1", int(sys.argv[2])))
	END
}
id_of() {
	conntrack -L -p udp --sport "$1" -o id 2>/dev/null |
		sed -n 's/.* id=\([0-9]*\).*/\1/p' | head -n 1
}
rows() { "$n" list "$1" | grep -c '^set' || :; }
has_rows() { [[ $(rows "$1") == "$2" ]]; }

# Connections are tracked before such a table exists
nft -f - <<-'END' || skip "no conntrack in nf_tables"
	table inet pre {
		chain out {
			type filter hook output priority -10
			ct state new counter
		}
	}
END
packet 4000 5000
ok "a table of connections" "$n" create sessions key ct
ok "and another" "$n" create other key ct size 1000
prints "they are listed" $'create other key ct size 1000\ncreate sessions key ct' \
	"$n" save --sorted
ok "a row of a connection older than the table" \
	"$n" set sessions "$(id_of 4000)" application long_string OLD
fails "a row of none" 1 "sessions: 1: no living connection has this id" \
	"$n" set sessions 1 application long_string NONE
fails "a number that is no id" 1 "sessions: 4294967297: no living connection has this id" \
	"$n" set sessions 4294967297 application long_string NONE
fails "a key of another class" 1 "sessions: abc: table has keys of class ct" \
	"$n" set sessions abc application long_string NONE

"$n" monitor >"$work/log" 2>"$work/errors" &
monitor=$!
# It listens once it reports something.
listens() { "$n" set probe 1 f int 1; grep -q probe "$work/log"; }
wait_for listens

# Ways in which a connection ends: deletion, a flush, a timeout
conntrack -D -p udp --sport 4000 >/dev/null 2>&1
is "conntrack -D takes the row along" "$(rows sessions)" 0
packet 4001 5000
id=$(id_of 4001)
ok "a row of a newer one" "$n" set sessions "$id" application long_string "A B" bytes int64 7
ok "in both" "$n" set other "$id" f int 1
fails "not of its neighbour" 1 "sessions: $((id ^ 1)): no living connection has this id" \
	"$n" set sessions $((id ^ 1)) application long_string NONE
conntrack -F >/dev/null 2>&1
is "conntrack -F takes it along" "$(rows sessions) $(rows other)" "0 0"
fails "and it cannot come back" 1 "sessions: $id: no living connection has this id" \
	"$n" set sessions "$id" application long_string LATE
wait_for grep -q "delete other $id" "$work/log" || :
is "monitor says what it was" "$(grep "^delete [a-z]* $id " "$work/log" | sort)" \
	"delete other $id # connection gone: f int 1
delete sessions $id # connection gone: application long_string \"A B\" bytes int64 7"

sysctl -qw net.netfilter.nf_conntrack_udp_timeout=$((2 * slowness))
packet 4002 5000
ok "a row of one that ends soon" "$n" set sessions "$(id_of 4002)" f int 1
# A listing makes conntrack remove what has expired.
ended() { conntrack -L >/dev/null 2>&1; has_rows sessions 0; }
wait_for ended || :
is "its timeout takes the row along" "$(rows sessions)" 0
sysctl -qw net.netfilter.nf_conntrack_udp_timeout=30

# Swap, flush, other tables
packet 4003 5000
id=$(id_of 4003)
"$n" set sessions "$id" f int 1
"$n" set other "$id" f int 2
ok "swap" "$n" swap sessions other
prints "has swapped" "set sessions $id f int 2" "$n" get sessions "$id"
fails "not with a table of other keys" 1 \
	"probe: the tables have other keys or fields" "$n" swap sessions probe
ok "flush" "$n" flush other
conntrack -D -p udp --sport 4003 >/dev/null 2>&1
is "the row goes, wherever it is" "$(rows sessions) $(rows other)" "0 0"

# Packets that write and read, and connections that are never confirmed
nft_bytecode <<-'END' || die "the rules do not load"
	table ip t
	chain ip t out { type filter hook output priority 0; policy accept; }
	chain ip t in { type filter hook input priority 0; policy accept; }
	chain ip t late { type filter hook output priority 10; policy accept; }
	ip t out
	  [ payload load 2b @ transport header + 2 => reg 2 ]
	  [ cmp eq reg 2 0x00008913 ]
	  [ ct load id => reg 1 ]
	  [ dict set key int/4 reg 1 "sessions" . "seen" int 7 ]
	ip t out
	  [ payload load 2b @ transport header + 2 => reg 2 ]
	  [ cmp eq reg 2 0x00008a13 ]
	  [ ct load id => reg 1 ]
	  [ dict set key int/4 reg 1 "sessions" . "seen" int 8 ]
	ip t in
	  [ ct load id => reg 1 ]
	  [ dict load key int/4 reg 1 "sessions" . "seen" int => int reg 2 ]
	  [ counter pkts 0 bytes 0 ]
	ip t late
	  [ payload load 2b @ transport header + 2 => reg 2 ]
	  [ cmp eq reg 2 0x00008a13 ]
	  [ immediate reg 0 drop ]
END
counted() { nft_bytecode --counters ip t in | sed 's/.*packets \([0-9]*\).*/\1/'; }
packet 4004 5001
is "a packet writes the row of its connection" \
	"$("$n" get -r sessions "$(id_of 4004)" seen)" 7
is "and reads it" "$(counted)" 1
packet 4005 5000
is "others read nothing" "$(counted)" 1
is "conntrack -D takes along what packets wrote" "$(conntrack -D -p udp --sport 4004 2>/dev/null | wc -l) $(rows sessions)" "1 0"
packet 4006 5002 2>/dev/null || :
wait_for grep -q '# connection gone: seen int 8$' "$work/log" || :
is "the row of one that is dropped before it is confirmed is gone" \
	"$(rows sessions) $(grep -c '# connection gone: seen int 8$' "$work/log")" "0 1"

# A first packet in an nfqueue: its connection is not confirmed
nft -f - <<-'END' || die "no queue"
	table inet q {
		chain out {
			type filter hook output priority 20
			udp dport 53 queue num 3 bypass
		}
	}
END
"$daemon" -q 3 -v >"$work/daemon" 2>&1 &
pid=$!
wait_for grep -q '^ *3 ' /proc/net/netfilter/nfnetlink_queue
packet 4007 53
classified() { has_rows sessions 1; }
wait_for classified || :
is "the daemon's row is there" "$("$n" get -r sessions "$(id_of 4007)" application)" DNS
kill "$pid"
wait "$pid" 2>/dev/null || :
is "and it had nothing to complain of" "$(grep nfdict-queue "$work/daemon" || :)" ""
conntrack -D -p udp --sport 4007 >/dev/null 2>&1
is "the row is gone without it" "$(rows sessions)" 0
nft delete table inet q
nft delete table ip t

# Tables are destroyed and created while connections stay
packet 4008 5000
id=$(id_of 4008)
for _ in 1 2 3; do
	"$n" set sessions "$id" f int 1
	"$n" destroy sessions other
	"$n" create other key ct
	"$n" create sessions key ct
done
ok "tables created anew know the connection" "$n" set sessions "$id" f int 2
prints "one row" "set sessions $id f int 2" "$n" get sessions "$id"

# A namespace is destroyed with connections and rows in it
# shellcheck disable=SC2016 # for that shell
ok "another namespace" unshare -n bash -ec '
	ip link set lo up
	"$1" create sessions key ct
	nft add table inet t
	nft add chain inet t out "{ type filter hook output priority 0; }"
	nft add rule inet t out ct state new counter
	echo x >/dev/udp/127.0.0.1/5000
	id=$(conntrack -L -p udp -o id 2>/dev/null | sed -n "s/.* id=\([0-9]*\).*/\1/p")
	"$1" set sessions "$id" f int 1' - "$n"
kill "$monitor"
wait "$monitor" 2>/dev/null || :
"$n" destroy probe

end
