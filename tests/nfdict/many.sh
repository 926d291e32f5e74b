#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Many connections are opened, marked by packets and by a writer that is killed
# at random, and end. Meanwhile their tables are flushed, swapped and destroyed,
# and an nfqueue holds packets. No row is left. 20,000 connections, a million
# with $ALL set; $CONNECTIONS chooses.
# shellcheck disable=SC2317 # wait_for calls functions

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"
need nft nft_bytecode conntrack python3

n=$nfdict
total=${CONNECTIONS:-${ALL:+1000000}}
total=${total:-20000}
ip link set lo up
# The limit counts all namespaces, and only the first one may change it.
nsenter -t 1 -n sysctl -qw net.netfilter.nf_conntrack_max=$((total + 65536)) 2>/dev/null || :
"$n" create sessions key ct
"$n" create other key ct
# Packets to 127.1/16 wait in the queue, those to 127.2/16 are dropped before
# their connection is confirmed.
nft_bytecode <<-'END' || die "the rules do not load"
	table ip t
	chain ip t out { type filter hook output priority 0; policy accept; }
	ip t out
	  [ ct load id => reg 1 ]
	  [ dict set key int/4 reg 1 "sessions" . "seen" int 1 ]
END
nft -f - <<-'END' || skip "no queue in nf_tables"
	table ip q {
		chain out {
			type filter hook output priority 10
			ip daddr 127.1.0.0/16 queue num 3
			ip daddr 127.2.0.0/16 drop
		}
	}
END

# Holds packets until it is killed.
python3 - "$work/queue" <<'END' &
import socket, struct, sys, time
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
s.bind((0, 0))
def config(kind, data):
    attr = struct.pack("=HH", 4 + len(data), kind) + data
    attr += b"\0" * (-len(attr) % 4)
    s.send(struct.pack("=IHHIIBBH", 20 + len(attr), 3 << 8 | 2, 1, 1, 0,
                       0, 0, socket.htons(3)) + attr)
config(1, struct.pack("!BBH", 1, 0, 0))
config(2, struct.pack("!IB", 0, 1))
config(3, struct.pack("!I", 4096))
open(sys.argv[1], "w").close()
while True:
    time.sleep(1)
END
queue=$!
wait_for test -e "$work/queue"

"$n" monitor >"$work/log" 2>/dev/null &
monitor=$!

# Connections, each to an address of its own; every eighth is held or dropped.
cat >"$work/open" <<'END'
import socket, sys
taker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
taker.bind(("0.0.0.0", 5000))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
# SO_SNDBUFFORCE: packets that are held count.
s.setsockopt(socket.SOL_SOCKET, 32, 64 << 20)
for i in range(int(sys.argv[1])):
    net = 16 + (i >> 16)
    if i % 8 == 0:
        net = 1 if i % 16 and i % 6000 < 3000 else 2
    try:
        s.sendto(b"x", ("127.%d.%d.%d" % (net, i >> 8 & 255, i & 255), 5000))
    except OSError:
        pass
END
python3 "$work/open" "$total" &
opener=$!

# mark: marks all connections, over and over. A restore stops at a connection
# that has ended.
mark() {
	while :; do
		conntrack -L -p udp -o id 2>/dev/null |
			sed -n 's/.* id=\([0-9]*\).*/set sessions \1 application long_string NETFLIX/p' |
			shuf | "$n" restore 2>/dev/null || :
	done
}
has_marks() { [[ $("$n" save | grep -c application) != 0 ]]; }
marked=0 kills=0 turns=0
while kill -0 "$opener" 2>/dev/null || ((turns < 20)); do
	mark 2>/dev/null &
	writer=$!
	# The first writer gets time enough for marks.
	if ((turns)); then
		sleep "0.$((RANDOM % 4 + 1))"
	else
		wait_for has_marks || :
	fi
	pkill -KILL -P "$writer" 2>/dev/null || :
	kill -KILL "$writer"
	wait "$writer" 2>/dev/null || :
	kills=$((kills + 1))
	! has_marks || marked=$((marked + 1))
	case $((turns++ % 6)) in
	0) "$n" swap sessions other ;;
	1) "$n" flush other ;;
	2) conntrack -F >/dev/null 2>&1 || : ;;
	3) "$n" destroy other && "$n" create other key ct ;;
	4) conntrack -D -p udp --dport 5000 >/dev/null 2>&1 || : ;;
	esac
done
wait "$opener"
# Rows that are removed only as their connections end
python3 "$work/open" 2000
mark 2>/dev/null &
writer=$!
wait_for has_marks || :
pkill -KILL -P "$writer" 2>/dev/null || :
kill -KILL "$writer"
wait "$writer" 2>/dev/null || :
is "at last a thousand rows and more" "$(($("$n" save | grep -c '^set') > 1000))" 1
echo "# $total connections, a writer killed $kills times, marks seen $marked times"
is "marks were there" "$((marked > 0))" 1
is "packets were held" "$(awk '$1 == 3 { print ($3 > 0) }' /proc/net/netfilter/nfnetlink_queue)" 1
# Packets that are held end with their queue.
kill "$queue"
wait "$queue" 2>/dev/null || :
gone() {
	conntrack -F >/dev/null 2>&1
	[[ $("$n" save | grep -c '^set') == 0 ]]
}
wait_for gone || :
is "no row is left" "$("$n" save | grep -c '^set' || :)" 0
is "and there are no connections" "$(conntrack -C 2>/dev/null)" 0
kill "$monitor"
wait "$monitor" 2>/dev/null || :
is "each that went had its event" "$(grep -c '# connection gone: ' "$work/log" | sed 's/^[1-9][0-9]*$/yes/')" yes

end
