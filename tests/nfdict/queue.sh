#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The example daemon writes what it finds out about a connection to the row of
# that connection.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"
need nft python3 conntrack

n=$nfdict
daemon=$tool_dir/examples/nfdict-queue
[[ -x $daemon ]] || make -s -C "$tool_dir" examples/nfdict-queue >&2
ip link set lo up
nft -f - <<-'END' || skip "no queue in nf_tables"
	table inet t {
		chain out {
			type filter hook output priority 0
			oif lo meta l4proto { tcp, udp } ct direction original queue num 3 bypass
		}
	}
END

"$daemon" -q 3 -v >"$work/log" 2>&1 &
pid=$!
wait_for grep -q '^ *3 ' /proc/net/netfilter/nfnetlink_queue

python3 - "$slowness" <<'END'
import socket, struct, sys

def listen(port):
    s = socket.create_server(("127.0.0.1", port))
    return s

def send(port, data):
    server = listen(port)
    client = socket.create_connection(("127.0.0.1", port))
    peer = server.accept()[0]
    client.sendall(data)
    peer.settimeout(5 * int(sys.argv[1]))
    got = b""
    while len(got) < len(data):
        got += peer.recv(65536)
    assert got == data
    keep.extend((server, client, peer))

keep = []
send(8080, b"GET / HTTP/1.1\r\nUser-Agent: x\r\nHost: www.example.org\r\n\r\n")
name = b"www.netflix.com"
sni = struct.pack("!HBH", len(name) + 3, 0, len(name)) + name
ext = struct.pack("!HH", 10, 4) + b"\0\2\0\x1d" + struct.pack("!HH", 0, len(sni)) + sni
hello = b"\3\3" + bytes(32) + b"\0" + b"\0\2\x13\1" + b"\1\0" + struct.pack("!H", len(ext)) + ext
record = b"\1" + struct.pack("!I", len(hello))[1:] + hello
send(8443, b"\x16\3\1" + struct.pack("!H", len(record)) + record)
# Each shorter one is cut somewhere else.
for cut in range(1, len(record) + 5):
    whole = b"\x16\3\1" + struct.pack("!H", len(record)) + record
    send(9000 + cut, whole[:cut])
send(2222, b"SSH-2.0-x\r\n")
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.sendto(b"x" * 20, ("127.0.0.1", 53))
END

id_of() { conntrack -L -p "$1" --dport "$2" -o id 2>/dev/null | sed -n 's/.* id=\([0-9]*\).*/\1/p' | head -n 1; }
is "HTTP" "$("$n" get -r sessions "$(id_of tcp 8080)" application server_name | tr '\n' ' ')" "HTTP www.example.org "
is "TLS" "$("$n" get -r sessions "$(id_of tcp 8443)" application server_name | tr '\n' ' ')" "TLS www.netflix.com "
is "another protocol" "$("$n" get -r sessions "$(id_of tcp 2222)" application)" TCP
is "DNS" "$("$n" get -r sessions "$(id_of udp 53)" application)" DNS
is "no name from a greeting that is cut" \
	"$("$n" list -f server_name sessions | grep -c .)" 2
is "rows have a lifetime" "$("$n" save sessions | grep -c ' timeout 86400$')" \
	"$("$n" list sessions | grep -c ^set)"
ok "the daemon lives" kill "$pid"
is "and had nothing to complain of" "$(grep nfdict-queue "$work/log" || :)" ""
wait "$pid" 2>/dev/null || :

end
