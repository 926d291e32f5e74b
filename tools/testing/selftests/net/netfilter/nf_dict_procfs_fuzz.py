#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Fuzz the text interface of /proc/net/dict, and compare with a model of it.

Writes commands, most of them mutated, to the nodes write, delete and read.
The model predicts for each whether it is accepted or with which errno it is
refused. The lines of selections, and from time to time of all tables, have to
match the model. A kernel with KASAN also finds bad accesses of the parser.

usage: nf_dict_procfs_fuzz.py [-h | --help] [SECONDS [SEED]]

Runs for 10 seconds by default. The seed is printed, and repeats the same run.
"""

import ctypes
import errno
import ipaddress
import os
import random
import re
import subprocess
import sys
import time

KSFT_SKIP = 4
CLONE_NEWNET = 0x40000000
NODES = "/proc/net/dict/"
NAME_MAX = 128
KEY_MAX = 254
STRING_MAX = 4095
COMMAND_MAX = STRING_MAX + 1024
FIELDS_MAX = 255
MEMBERS_MAX = 255

KEYS = (b"key_int", b"key_ip", b"key_ip6", b"key_mac", b"key_string")
VALUES = (b"bool", b"int", b"int64", b"ip", b"ip6", b"mac", b"string", b"value",
          b"list")
OPTIONS = (b"table", b"field") + KEYS + VALUES
STRINGS = (b"key_string", b"string", b"value", b"list")
ESCAPED = {c: b"\\%03o" % c for c in [*range(1, 32), 127] if c != 9}


class Refused(Exception):
    """A command is refused with this errno."""


# ---- The model ----


def number(text, least, greatest):
    """A number in decimal, hexadecimal after 0x, or octal after 0."""
    match = re.match(rb"([+-]?)(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))", text)
    if not match or match[1] == b"-" and not least:
        raise Refused(errno.EINVAL)
    value = int(match[2] or match[3] or match[4], 16 if match[2] else 8 if match[3] else 10)
    # The kernel checks the range of 64 bits before the rest of the text.
    if value >= 2 ** 64:
        raise Refused(errno.ERANGE)
    if match.end() != len(text):
        raise Refused(errno.EINVAL)
    if match[1] == b"-":
        value = -value
    if not least <= value <= greatest:
        raise Refused(errno.ERANGE)
    return b"%d" % value


def ipv4(text, longest=15):
    """An address of four decimal numbers."""
    if len(text) > longest or not re.fullmatch(rb"\d+\.\d+\.\d+\.\d+", text):
        raise Refused(errno.EINVAL)
    parts = [int(part) for part in text.split(b".")]
    if max(parts) > 255:
        raise Refused(errno.EINVAL)
    return b"%d.%d.%d.%d" % tuple(parts)


def ipv6(text):
    """An address in any usual form; extra leading zeros are accepted."""
    if len(text) > 47:
        raise Refused(errno.EINVAL)
    head, colon, tail = text.rpartition(b":")
    if b"." in tail:
        head = re.sub(rb"(^|:)0+(?=[0-9a-fA-F])", rb"\1", head)
        text = head + colon + ipv4(tail, len(tail))
    else:
        text = re.sub(rb"(^|:)0+(?=[0-9a-fA-F])", rb"\1", text)
    try:
        # Python accepts a zone ("%eth0"), and takes bytes for a packed address.
        if b"%" in text:
            raise ValueError
        return ipaddress.IPv6Address(text.decode("latin1")).exploded.encode()
    except ValueError:
        raise Refused(errno.EINVAL) from None


def ether(text):
    """An address of six octets, each of one or two hexadecimal digits."""
    if not re.fullmatch(rb"[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}", text):
        raise Refused(errno.EINVAL)
    return b":".join(octet.rjust(2, b"0") for octet in text.lower().split(b":"))


def escape(text):
    """A string as listings escape it."""
    return b"".join(ESCAPED.get(c, bytes((c,))) for c in text)


def string(text, longest=STRING_MAX):
    """Up to 4,095 bytes."""
    if len(text) > longest:
        raise Refused(errno.ENAMETOOLONG)
    return escape(text)


def key_string(text):
    """1 to 254 bytes."""
    if not text:
        raise Refused(errno.EINVAL)
    return string(text, KEY_MAX)


def raw_list(text):
    """Up to 4,095 bytes; their members matter once the command is complete."""
    string(text)
    return text


def members(text):
    """1 to 255 members, none of them empty; sorted, each once."""
    parts = text.split(b",")
    for i, part in enumerate(parts):
        if not part:
            raise Refused(errno.EINVAL)
        if i == MEMBERS_MAX:
            raise Refused(errno.E2BIG)
    return b",".join(escape(part) for part in sorted(set(parts)))


def boolean(text):
    """true or false."""
    if text not in (b"true", b"false"):
        raise Refused(errno.EINVAL)
    return text


def name(text):
    """1 to 128 bytes, none of which ends a word."""
    if not text:
        raise Refused(errno.EINVAL)
    if len(text) > NAME_MAX:
        raise Refused(errno.ENAMETOOLONG)
    if any(c <= 32 or c in b",\x7f" for c in text):
        raise Refused(errno.EINVAL)
    return text


FORMS = {
    b"table": name, b"field": name, b"bool": boolean,
    b"key_int": lambda text: number(text, 0, 2 ** 64 - 1),
    b"int": lambda text: number(text, -2 ** 31, 2 ** 31 - 1),
    b"int64": lambda text: number(text, -2 ** 63, 2 ** 63 - 1),
    b"ip": ipv4, b"ip6": ipv6, b"mac": ether, b"string": string, b"value": string,
    b"list": raw_list, b"key_ip": ipv4, b"key_ip6": ipv6, b"key_mac": ether,
    b"key_string": key_string,
}


def option(text):
    """The option that text begins with, or None."""
    word, equals, _ = text.partition(b"=")
    return word if equals and word in OPTIONS else None


def parse(text, writes):
    """A command as a dictionary: table, key, field, value; an empty value is b""."""
    if len(text) > COMMAND_MAX:
        raise Refused(errno.EMSGSIZE)
    text = text.rstrip(b"\0").removesuffix(b"\n")
    if b"\n" in text or b"\0" in text:
        raise Refused(errno.EINVAL)
    if not text.strip(b","):
        raise Refused(0)

    command = {}
    parts = text.split(b",")
    while parts:
        part = parts.pop(0)
        if not part:
            continue
        word = option(part)
        if not word:
            if writes:
                raise Refused(errno.EINVAL)
            continue
        while word in STRINGS and parts and not option(parts[0]):
            part += b"," + parts.pop(0)
        kind = b"key" if word in KEYS else b"value" if word in VALUES else word
        if kind == b"value" and not writes:
            continue
        data = part[len(word) + 1:].rstrip(b",")
        if kind == b"value" and word in STRINGS and not data:
            command.setdefault(kind, b"")
            continue
        data = FORMS[word](data)
        if kind in (b"key", b"value"):
            data = word.replace(b"value", b"string") + b": " + data
        command[kind] = data
    if b"table" not in command:
        raise Refused(errno.EINVAL)
    return command


class Model:
    """The tables, as the kernel should have them."""

    def __init__(self):
        self.tables = {}

    def write(self, text):
        """A write to the node "write"."""
        command = parse(text, True)
        if len(command) != 4:
            raise Refused(errno.EINVAL)
        value = command[b"value"]
        if not value:
            return
        if value.startswith(b"list: "):
            value = b"list: " + members(value.removeprefix(b"list: "))
        table = self.tables.setdefault(command[b"table"], {})
        row = table.get(command[b"key"], {})
        if len(row) == FIELDS_MAX and command[b"field"] not in row:
            raise Refused(errno.E2BIG)
        table.setdefault(command[b"key"], row)[command[b"field"]] = value

    def delete(self, text):
        """A write to the node "delete"."""
        command = parse(text, False)
        if b"field" in command and b"key" not in command:
            raise Refused(errno.EINVAL)
        table = self.tables.get(command[b"table"], {})
        if b"key" not in command:
            table.clear()
            return
        row = table.get(command[b"key"], {})
        row.pop(command.get(b"field"), None)
        if b"field" not in command or not row:
            table.pop(command[b"key"], None)

    def read(self, text):
        """A write to the node "read"; returns the lines of the selection."""
        return self.lines(parse(text, False))

    def lines(self, command):
        """The lines of a selection, sorted."""
        return sorted(
            b"table: %s %s field: %s %s" % (table, key, field, value)
            for table, rows in self.tables.items()
            if command.get(b"table", table) == table
            for key, row in rows.items() if command.get(b"key", key) == key
            for field, value in row.items() if command.get(b"field", field) == field)


# ---- Commands ----


class Fuzzer:
    """Makes up commands."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = [b"t", b"sessions", b"x" * 128, b"a=b", "\u00e9".encode()]
        self.samples = {
            b"key_int": [b"0", b"7", b"0x1F", b"017", b"18446744073709551615", b"+3"],
            b"int": [b"0", b"-1", b"2147483647", b"-2147483648", b"-0x80000000", b"08"],
            b"int64": [b"0", b"9223372036854775807", b"-9223372036854775808"],
            b"ip": [b"0.0.0.0", b"192.168.1.100", b"255.255.255.255", b"01.2.3.4"],
            b"ip6": [b"::", b"::1", b"2001:db8::ff", b"1:2:3:4:5:6:7:8", b"::ffff:1.2.3.4",
                     b"fe80:0:0:0:211:22ff:fe33:4455", b"1::"],
            b"mac": [b"00:11:22:33:44:55", b"AA:bb:CC:dd:EE:ff", b"0:1:22:3:c:D"],
            b"string": [b"", b"NETFLIX", b"engineering,exec", b"a b\tc", b"s" * 128,
                        b"s" * 129, b"s" * 254, b"s" * 255, b"x=y,z=1", b"a.example|" * 200,
                        b"s" * 4095, b"s" * 4096],
            b"bool": [b"true", b"false"],
            b"list": [b"", b"sales", b"exec,engineering,onsite", b"b,a,b", b"a,,b", b",a",
                      b"ab,a,a b,\x01,\xff", b"x=y,int8=1", b"m," * 300,
                      b",".join(b"%d" % i for i in range(MEMBERS_MAX)),
                      b",".join(b"%d" % i for i in range(MEMBERS_MAX + 1)),
                      b"s" * 2047 + b"," + b"t" * 2047, b"s" * 2047 + b"," + b"t" * 2048],
        }

    def sample(self, word):
        """A value for an option."""
        if word in (b"table", b"field"):
            return self.random.choice(self.names)
        if word in (b"key_int", b"value"):
            return self.random.choice(self.samples[{b"value": b"string"}.get(word, word)])
        return self.random.choice(self.samples[word.removeprefix(b"key_")])

    def command(self, node):
        """A command that is well formed, but not always valid."""
        pick = self.random
        words = [b"table"]
        if pick.random() < 0.9:
            words.append(pick.choice(KEYS))
        if pick.random() < (0.9 if node == "write" else 0.4):
            words.append(b"field")
        if pick.random() < (0.95 if node == "write" else 0.1):
            words.append(pick.choice(VALUES))
        if pick.random() < 0.1:
            words.append(pick.choice(OPTIONS))
        if pick.random() < 0.2:
            pick.shuffle(words)
        text = b",".join(word + b"=" + self.sample(word) for word in words)
        return text + pick.choice((b"", b"", b"", b",", b"\n", b",\n", b"\0", b"\n\0", b",,"))

    def mutate(self, text):
        """Mutates a command at random."""
        pick = self.random
        data = bytearray(text)
        for _ in range(pick.choice((1, 1, 1, 2, 5))):
            at = pick.randrange(len(data) + 1)
            what = pick.randrange(8)
            if what == 0:
                data.insert(at, pick.randrange(256))
            elif what == 1 and data:
                data[at % len(data)] = pick.randrange(256)
            elif what == 2:
                del data[at:at + pick.choice((1, 1, 4, 20))]
            elif what == 3:
                data[at:at] = data[at:at + pick.randrange(1, 30)]
            elif what == 4:
                data[at:at] = pick.choice((b",", b"=", b":", b".", b"\0", b"\n", b" ", b"0",
                                           b"::", b"-", b"key_int=1", b"," * 5, b"0x"))
            elif what == 5:
                data[at:at] = b"," + pick.choice(OPTIONS) + b"="
            elif what == 6:
                data[at:at] = bytes((pick.choice(b"0:.,x"),)) * pick.choice((2, 9, 129, 4000))
            elif pick.random() < 0.05:
                data[at:at] = b"z" * pick.choice((COMMAND_MAX - len(data),
                                                  COMMAND_MAX - len(data) + 1, COMMAND_MAX))
        return bytes(data)


def read_lines(node):
    """Reads to the end; returns the lines, sorted."""
    text = b""
    while part := os.read(node, 65536):
        text += part
    return sorted(text.split(b"\n")[:-1])


def fuzz(seconds, seed):
    """Compares until time is up; returns the number of commands by errno."""
    fuzzer = Fuzzer(seed)
    model = Model()
    nodes = {node: os.open(NODES + node, os.O_RDWR) for node in ("write", "delete", "read")}
    end = time.monotonic() + seconds
    tried = {0: 0}
    count = 0
    while time.monotonic() < end:
        node = fuzzer.random.choice(("write",) * 6 + ("delete", "read"))
        text = fuzzer.command(node)
        if fuzzer.random.random() < 0.7:
            text = fuzzer.mutate(text)
        if not text:
            continue
        count += 1

        want, lines = 0, None
        try:
            lines = getattr(model, node)(text)
        except Refused as refusal:
            want = refusal.args[0]
        got = 0
        try:
            length = os.write(nodes[node], text)
            if length != len(text):
                raise AssertionError(f"{node} {text!r}: wrote {length} bytes")
        except OSError as failure:
            got = failure.errno
        if got != want:
            raise AssertionError(f"{node} {text!r}: "
                                 f"got {errno.errorcode.get(got, got)}, "
                                 f"want {errno.errorcode.get(want, want)}")
        tried[got] = tried.get(got, 0) + 1

        if lines is not None and read_lines(nodes["read"]) != lines:
            raise AssertionError(f"read {text!r}: not the lines of the model")
        if count % 500 == 0:
            whole = os.open(NODES + "all", os.O_RDONLY)
            got = read_lines(whole)
            os.close(whole)
            if got != model.lines({}):
                wrong = set(got) ^ set(model.lines({}))
                raise AssertionError(f"after {count}: {sorted(wrong)[:4]!r}")
    print(f"# {count} commands:", ", ".join(
        f"{errno.errorcode.get(code, 'taken')} {n}" for code, n in sorted(tried.items())))
    for node in nodes.values():
        os.close(node)
    return tried


def main():
    """Runs in a network namespace of its own."""
    if set(sys.argv[1:]) & {"-h", "--help"}:
        print(__doc__.strip())
        return 0
    try:
        seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
        seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()
    except ValueError as wrong:
        print(f"nf_dict_procfs_fuzz.py: {wrong}; --help explains", file=sys.stderr)
        return 2
    subprocess.run(["modprobe", "-q", "nf_dict_procfs"], check=False)
    if os.geteuid() or ctypes.CDLL(None).unshare(CLONE_NEWNET) or not os.path.isdir(NODES):
        print("SKIP: no /proc/net/dict (CONFIG_NF_DICT_PROCFS), or not root")
        return KSFT_SKIP

    print("TAP version 13\n1..1")
    print(f"# seed {seed}", flush=True)
    try:
        tried = fuzz(seconds, seed)
        # If no command was accepted, or none refused, nothing was tested.
        if not {0, errno.EINVAL} <= {code for code, n in tried.items() if n}:
            raise AssertionError("no command was taken, or none refused")
    except AssertionError as failure:
        print(f"# {failure}\nnot ok 1 fuzz")
        return 1
    print("ok 1 fuzz")
    return 0


if __name__ == "__main__":
    sys.exit(main())
