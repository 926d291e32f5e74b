# SPDX-License-Identifier: GPL-2.0-only
"""Hosts in network namespaces, and packets between them.

    client --- gateway === server     IPv4 and IPv6, routed; two links
    left   --- bridge  --- right      the same subnet, bridged

One process holds all sockets, as a socket stays in the namespace where it was
created. So a packet has passed the gateway, or has been stopped, by the time
that the process checks the other end. Needs root and a kernel to itself
(scripts/vm).
"""

import contextlib
import ctypes
import errno
import os
import select
import socket
import struct
import subprocess
import threading
import time

CLONE_NEWNET = 0x40000000
NETNS_DIR = "/run/netns"

# How long to wait for something that should happen, and for something that
# should not. Emulated machines ($KSFT_MACHINE_SLOW) get 10 times as long, or
# $LAB_SLOWNESS times.
SLOWNESS = float(os.environ.get("LAB_SLOWNESS") or
                 (10 if os.environ.get("KSFT_MACHINE_SLOW") else 1))
PATIENCE = 3.0 * SLOWNESS
SILENCE = 0.12 * SLOWNESS

# The addresses of the documentation's tables.
CLIENT4, SERVER4 = "192.168.1.100", "192.0.2.100"
CLIENT6, SERVER6 = "2001:db8:1::100", "2001:db8:2::100"
GATEWAY4, GATEWAY6 = "192.168.1.1", "2001:db8:1::1"
CLIENT_MAC = "00:11:22:33:44:55"
LEFT4, RIGHT4 = "10.9.0.1", "10.9.0.2"
LEFT6, RIGHT6 = "2001:db8:9::1", "2001:db8:9::2"
LEFT_MAC = "00:11:22:33:44:66"

_libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    """Something did not go as it should."""


def command(*args, stdin=None, check=True):
    """Run a command in the current namespace and return its output."""
    try:
        done = subprocess.run([str(a) for a in args], input=stdin, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)
    except OSError as e:
        raise Failure("%s: %s" % (args[0], e.strerror)) from None
    if check and done.returncode:
        raise Failure("%s: status %d: %s" % (" ".join(str(a) for a in args),
                                            done.returncode,
                                            done.stderr.strip()))
    return done.stdout if check else done


class Namespace:
    """A host. `with host:` makes it the current one."""

    def __init__(self, name):
        self.name = name
        command("ip", "netns", "add", name)
        self.fd = os.open(os.path.join(NETNS_DIR, name), os.O_RDONLY)
        self.back = []
        self.sysctl("net.ipv6.conf.default.accept_dad", 0)
        self.run("ip", "link", "set", "lo", "up")

    def __enter__(self):
        self.back.append(os.open("/proc/self/ns/net", os.O_RDONLY))
        self._set(self.fd)
        return self

    def __exit__(self, *exc):
        fd = self.back.pop()
        self._set(fd)
        os.close(fd)

    @staticmethod
    def _set(fd):
        if _libc.setns(fd, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    def enter_thread(self):
        """Make the host the current one of this thread permanently."""
        self._set(self.fd)

    def run(self, *args, **kwargs):
        with self:
            return command(*args, **kwargs)

    def sysctl(self, name, value):
        path = "/proc/sys/" + name.replace(".", "/")
        with self, open(path, "w", encoding="ascii") as f:
            f.write(str(value))

    def remove(self):
        os.close(self.fd)
        command("ip", "netns", "del", self.name)


class Lab:
    """The two networks above."""

    def __init__(self):
        self.hosts = {}
        self.ports = 40000
        # Keep hosts from probing a known neighbour while packets are counted.
        # Only the initial namespace has the setting; devices copy it when they
        # are created.
        for family in ("ipv4", "ipv6"):
            path = "/proc/sys/net/%s/neigh/default/delay_first_probe_time"
            with open(path % family, "w", encoding="ascii") as f:
                f.write("3600")
        for name in ("client", "gateway", "server", "left", "bridge", "right"):
            self.hosts[name] = Namespace(name)
            setattr(self, name, self.hosts[name])
        self._routed()
        self._bridged()

    def close(self):
        for host in self.hosts.values():
            host.remove()

    def _link(self, a, dev_a, b, dev_b, mac_a=None):
        mac = ["address", mac_a] if mac_a else []
        command("ip", "link", "add", dev_a, "netns", a.name, *mac,
                "type", "veth", "peer", "name", dev_b, "netns", b.name)
        a.run("ip", "link", "set", dev_a, "up")
        b.run("ip", "link", "set", dev_b, "up")

    @staticmethod
    def _addresses(host, dev, *addresses):
        for address in addresses:
            nodad = ["nodad"] if ":" in address else []
            host.run("ip", "address", "add", address, "dev", dev, *nodad)

    def _routed(self):
        client, gateway, server = self.client, self.gateway, self.server

        self._link(client, "eth0", gateway, "lan", CLIENT_MAC)
        self._link(server, "eth0", gateway, "wan")
        self._link(server, "eth1", gateway, "wan2")
        self._addresses(client, "eth0", CLIENT4 + "/24", CLIENT6 + "/64")
        # a second host on the same link
        self._addresses(client, "eth0", "192.168.1.101/24",
                        "2001:db8:1::101/64")
        self._addresses(gateway, "lan", GATEWAY4 + "/24", GATEWAY6 + "/64")
        self._addresses(gateway, "wan", "192.0.2.1/24", "2001:db8:2::1/64")
        self._addresses(server, "eth0", SERVER4 + "/24", SERVER6 + "/64")
        # the other way to the server is not the default
        self._addresses(gateway, "wan2", "198.51.100.1/24")
        self._addresses(server, "eth1", "198.51.100.2/24")
        client.run("ip", "route", "add", "default", "via", GATEWAY4)
        client.run("ip", "-6", "route", "add", "default", "via", GATEWAY6)
        server.run("ip", "route", "add", "default", "via", "192.0.2.1")
        server.run("ip", "-6", "route", "add", "default",
                   "via", "2001:db8:2::1")
        for name, value in (
                ("net.ipv4.ip_forward", 1),
                ("net.ipv6.conf.all.forwarding", 1),
                # each rejected packet gets its answer
                ("net.ipv4.icmp_ratelimit", 0),
                ("net.ipv6.icmp.ratelimit", 0),
                # a redirect to 127.0.0.1 is delivered
                ("net.ipv4.conf.lan.route_localnet", 1),
                ("net.ipv4.conf.all.rp_filter", 0),
                ("net.ipv4.conf.lan.rp_filter", 0)):
            gateway.sysctl(name, value)
        # the limit of all hosts together, which some kernels do not have
        with contextlib.suppress(OSError):
            gateway.sysctl("net.ipv4.icmp_msgs_per_sec", 100000)
        for host in (client, server):
            host.sysctl("net.ipv4.ping_group_range", "0 0")

    def _bridged(self):
        left, bridge, right = self.left, self.bridge, self.right

        self._link(left, "eth0", bridge, "port1", LEFT_MAC)
        self._link(right, "eth0", bridge, "port2")
        bridge.run("ip", "link", "add", "br0", "type", "bridge",
                   "forward_delay", "0", "mcast_snooping", "0")
        for port in ("port1", "port2"):
            bridge.run("ip", "link", "set", port, "master", "br0")
        bridge.run("ip", "link", "set", "br0", "up")
        self._addresses(left, "eth0", LEFT4 + "/24", LEFT6 + "/64")
        self._addresses(right, "eth0", RIGHT4 + "/24", RIGHT6 + "/64")
        for host in (left, right):
            host.sysctl("net.ipv4.ping_group_range", "0 0")

    def port(self):
        self.ports += 1
        return self.ports

    def settle(self):
        """Wait until the hosts of both networks know their neighbours."""
        for a, to in ((self.client, (SERVER4, SERVER6)),
                      (self.left, (RIGHT4, RIGHT6))):
            for address in to:
                end = time.monotonic() + 20 * SLOWNESS
                while True:
                    done = a.run("ping", "-c", "1", "-W", "1", address,
                                 check=False)
                    if not done.returncode:
                        break
                    if time.monotonic() > end:
                        raise Failure("%s does not reach %s" % (a.name,
                                                               address))

    @staticmethod
    def flush(host):
        """Forget all connections and rules of a host."""
        host.run("nft", "flush", "ruleset")
        host.run("conntrack", "-F", check=False)


# --- flows -----------------------------------------------------------------

PASS, REJECT, SILENT, RESET = "pass", "reject", "drop", "reset"


def _family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _readable(sock, seconds):
    return bool(select.select([sock], [], [], seconds)[0])


class Flow:
    """A connection from one host to another.

    send() sends a packet and returns its outcome: PASS if it arrived, REJECT
    if an ICMP error came back, RESET if a TCP reset did, SILENT if neither
    did. With `expect` it does not wait longer than that outcome needs.
    """

    proto = None

    def __init__(self, source, source_address, target, target_address,
                 sport, dport):
        self.source, self.target = source, target
        self.source_address, self.target_address = (source_address,
                                                    target_address)
        self.sport, self.dport = sport, dport
        self.count = 0

    def payload(self):
        self.count += 1
        return b"line %d\n" % self.count

    def conntrack_id(self, gateway):
        """The id that `conntrack -L -o id` prints for this flow."""
        wanted = {"src": self.source_address, "sport": str(self.sport),
                  "dport": str(self.dport)}
        family = "ipv6" if ":" in self.source_address else "ipv4"
        for line in gateway.run("conntrack", "-L", "-f", family, "-o", "id",
                                "-p", self.proto).splitlines():
            found, ident = {}, None
            for word in line.split():
                name, _, value = word.partition("=")
                if name == "id":
                    ident = value
                elif value:
                    found.setdefault(name, value)
            if self.matches(found, wanted) and ident:
                return ident
        raise Failure("conntrack -L -o id does not show the %s flow from port %s"
                      % (self.proto, self.sport))

    @staticmethod
    def matches(found, wanted):
        return all(found.get(k) == v for k, v in wanted.items())


class UdpFlow(Flow):
    proto = "udp"

    def __init__(self, *args, own=True):
        """own=False: the address is not one of the target's."""
        super().__init__(*args)
        with self.target:
            self.far = socket.socket(_family(self.target_address),
                                     socket.SOCK_DGRAM)
            self.far.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.far.bind((self.target_address if own else "", self.dport))
            # other flows to the same port have sockets of their own
            self.far.connect((self.source_address, self.sport))
        with self.source:
            self.near = socket.socket(_family(self.source_address),
                                      socket.SOCK_DGRAM)
            self.near.bind((self.source_address, self.sport))
            self.near.connect((self.target_address, self.dport))

    def close(self):
        self.near.close()
        self.far.close()

    def _pass(self, a, b, expect):
        """Send from a to b."""
        data = self.payload()
        try:
            a.send(data)
        except ConnectionRefusedError:
            # the answer to an earlier packet
            a.send(data)
        end = time.monotonic() + (SILENCE if expect == SILENT else PATIENCE)
        while time.monotonic() < end:
            ready = select.select([a, b], [], [],
                                  max(0, end - time.monotonic()))[0]
            if b in ready:
                got = b.recv(100)
                if got == data:
                    return PASS
            if a in ready:
                try:
                    a.recv(100)
                except OSError as e:
                    if e.errno in (errno.ECONNREFUSED, errno.EHOSTUNREACH,
                                   errno.ENETUNREACH, errno.EACCES):
                        return REJECT
                    raise
        return SILENT

    def send(self, expect=None):
        return self._pass(self.near, self.far, expect)

    def reply(self, expect=None):
        return self._pass(self.far, self.near, expect)


class IcmpFlow(Flow):
    """Echo requests; PASS if they come back."""

    def __init__(self, *args):
        super().__init__(*args)
        v6 = ":" in self.target_address
        self.proto = "icmpv6" if v6 else "icmp"
        self.request = 128 if v6 else 8
        with self.source:
            self.near = socket.socket(
                _family(self.source_address), socket.SOCK_DGRAM,
                socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP)
            self.near.bind((self.source_address, self.sport))
            self.near.connect((self.target_address, 0))

    def close(self):
        self.near.close()

    def conntrack_id(self, gateway):
        family = "ipv6" if ":" in self.source_address else "ipv4"
        for line in gateway.run("conntrack", "-L", "-f", family, "-o", "id",
                                "-p", self.proto).splitlines():
            words = dict(w.partition("=")[::2] for w in
                         reversed(line.split()) if "=" in w)
            if words.get("id") and "id=%d" % self.sport in line.split():
                return line.split()[-1].partition("=")[2]
        raise Failure("conntrack -L -o id does not show the %s flow"
                      % self.proto)

    def send(self, expect=None):
        self.count += 1
        packet = struct.pack("!BBHHH", self.request, 0, 0, 0, self.count)
        try:
            self.near.send(packet)
        except OSError as e:
            if e.errno != errno.ECONNREFUSED:
                raise
            self.near.send(packet)
        end = time.monotonic() + (SILENCE if expect == SILENT else PATIENCE)
        while time.monotonic() < end:
            if not _readable(self.near, max(0, end - time.monotonic())):
                break
            try:
                got = self.near.recv(100)
            except OSError:
                return REJECT
            if got[6:8] == packet[6:8]:
                return PASS
        return SILENT


def listen(host, address, port):
    with host:
        sock = socket.socket(_family(address))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen()
    return sock


class TcpFlow(Flow):
    """A connection that stays open. REJECT is read from the host's ICMP
    counter, as such an error does not end a TCP connection."""

    proto = "tcp"

    def __init__(self, *args, listener=None, expect=PASS):
        super().__init__(*args)
        self.far = None
        self.own = listener is None
        if self.own:
            listener = listen(self.target, self.target_address, self.dport)
        self.listener = listener
        self.near = None
        with self.source:
            self.near = socket.socket(_family(self.source_address))
            self.near.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.near.bind((self.source_address, self.sport))
        self.state = self._connect(expect)
        if self.state != expect:
            self.close()
            raise Failure("tcp connection from port %d: %s, expected: %s"
                          % (self.sport, self.state, expect))

    def _connect(self, expect):
        self.near.settimeout(SILENCE if expect == SILENT else PATIENCE)
        try:
            self.near.connect((self.target_address, self.dport))
        except ConnectionRefusedError:
            return REJECT
        except TimeoutError:
            return SILENT
        except OSError as e:
            if e.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
                return REJECT
            raise
        if not _readable(self.listener, PATIENCE):
            return SILENT
        self.far = self.listener.accept()[0]
        self.far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return PASS

    def close(self):
        # reset, so that it does not wait for an orderly end
        for sock in (self.near, self.far):
            if sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
                sock.close()
        if self.own:
            self.listener.close()

    def _unreachables(self):
        """ICMP errors that the sending host has received."""
        name = "Icmp6InDestUnreachs" if ":" in self.source_address else None
        with self.source:
            if name:
                with open("/proc/net/snmp6", encoding="ascii") as f:
                    for line in f:
                        if line.split()[0] == name:
                            return int(line.split()[1])
                return 0
            with open("/proc/net/snmp", encoding="ascii") as f:
                lines = [x.split() for x in f if x.startswith("Icmp:")]
            return int(lines[1][lines[0].index("InDestUnreachs")])

    def send(self, expect=None):
        """Send a line. Lines that were dropped before arrive with it."""
        data = self.payload()
        errors = self._unreachables()
        try:
            self.near.send(data)
        except (ConnectionResetError, BrokenPipeError):
            return RESET
        end = time.monotonic() + (SILENCE if expect == SILENT else PATIENCE)
        got = b""
        while time.monotonic() < end:
            ready = select.select([self.near, self.far], [], [], 0.02)[0]
            if self.far in ready:
                try:
                    got += self.far.recv(4096)
                except ConnectionResetError:
                    return RESET
                if data in got:
                    return PASS
            if self.near in ready:
                try:
                    if not self.near.recv(100):
                        return RESET
                except ConnectionResetError:
                    return RESET
            if self._unreachables() > errors and expect != PASS:
                return REJECT
        return REJECT if self._unreachables() > errors else SILENT


FLOWS = {"udp": UdpFlow, "tcp": TcpFlow, "icmp": IcmpFlow}


# --- an nfqueue listener --------------------------------------------------

NFNL_SUBSYS_QUEUE = 3
NFQNL_MSG_PACKET, NFQNL_MSG_VERDICT, NFQNL_MSG_CONFIG = 0, 1, 2
NFQA_PACKET_HDR, NFQA_VERDICT_HDR, NFQA_CT = 1, 2, 11
NFQA_CFG_CMD, NFQA_CFG_PARAMS, NFQA_CFG_MASK, NFQA_CFG_FLAGS = 1, 2, 4, 5
NFQA_CFG_F_CONNTRACK = 2
CTA_ID = 12
NF_ACCEPT = 1


def _attr(kind, data):
    return (struct.pack("=HH", 4 + len(data), kind) + data +
            b"\0" * (-len(data) % 4))


def _attrs(data):
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4:
            break
        found[kind & 0x3fff] = data[4:length]
        data = data[(length + 3) & ~3:]
    return found


class Queue(threading.Thread):
    """A daemon on an nfqueue. For each packet calls on_packet(conntrack id),
    in the host's namespace, and then lets the packet go on."""

    def __init__(self, host, number, on_packet):
        super().__init__(daemon=True)
        self.host, self.number, self.on_packet = host, number, on_packet
        self.count, self.error = 0, None
        with host:
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
            self.sock.bind((0, 0))
        # bind the queue, ask for the first bytes of packets and for their
        # connections
        self._send(NFQNL_MSG_CONFIG,
                   _attr(NFQA_CFG_CMD, struct.pack("!BBH", 1, 0, 0)), ack=True)
        flags = struct.pack("!I", NFQA_CFG_F_CONNTRACK)
        self._send(NFQNL_MSG_CONFIG,
                   _attr(NFQA_CFG_PARAMS, struct.pack("!IB", 64, 2)) +
                   _attr(NFQA_CFG_FLAGS, flags) +
                   _attr(NFQA_CFG_MASK, flags), ack=True)
        self.sock.settimeout(0.1)
        self.ended = False
        self.start()

    def _send(self, kind, data, ack=False):
        flags = 1 | (4 if ack else 0)
        body = struct.pack("!BBH", 0, 0, self.number) + data
        self.sock.send(struct.pack("=IHHII", 16 + len(body),
                                   NFNL_SUBSYS_QUEUE << 8 | kind, flags, 1, 0)
                       + body)
        if ack:
            answer = self.sock.recv(4096)
            error = -struct.unpack_from("=i", answer, 16)[0]
            if error:
                raise Failure("nfqueue %d: %s" % (self.number,
                                                 os.strerror(error)))

    def run(self):
        self.host.enter_thread()
        while not self.ended:
            try:
                self._packet(self.sock.recv(65536))
            except TimeoutError:
                pass
            except (OSError, Failure) as e:
                self.error = e
                return

    def _packet(self, data):
        if data[4:6] != struct.pack("=H", NFNL_SUBSYS_QUEUE << 8):
            return
        attrs = _attrs(data[20:])
        number = attrs[NFQA_PACKET_HDR][:4]
        ct = _attrs(attrs.get(NFQA_CT, b""))
        self.count += 1
        if CTA_ID in ct:
            self.on_packet(struct.unpack("!I", ct[CTA_ID])[0])
        self._send(NFQNL_MSG_VERDICT, _attr(
            NFQA_VERDICT_HDR, struct.pack("!I", NF_ACCEPT) + number))

    def close(self):
        self.ended = True
        self.join()
        self.sock.close()
