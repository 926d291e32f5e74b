#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Check the nodes in /proc/net/dict as daemons use them: open, write and close for
each entry; write a selection to a descriptor and read its lines from the same
one; many threads at once; listings of any size.

usage: nf_dict_procfs.py [-h | --help] [TEST]...

Runs the named tests, or all. With KSFT_MACHINE_SLOW set the listing has
100,000 entries, otherwise 1,000,000.
"""

import ctypes
import errno
import os
import subprocess
import sys
import threading
import time
import traceback

KSFT_SKIP = 4
CLONE_NEWNET = 0x40000000

ALL = "/proc/net/dict/all"
READ = "/proc/net/dict/read"
WRITE = "/proc/net/dict/write"
DELETE = "/proc/net/dict/delete"

NAME_MAX = 128
STRING_MAX = 4095
FIELDS_MAX = 255
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


def equal(got, want, what=""):
    """Fails unless got is want."""
    if got != want:
        raise AssertionError(f"{what}: got {got!r:.500}, want {want!r:.500}")


def true(got, what):
    """Fails unless got is true."""
    if not got:
        raise AssertionError(what)


def add(text):
    """Writes an entry the way a daemon does."""
    node = os.open(WRITE, os.O_WRONLY)
    try:
        equal(os.write(node, text.encode()), len(text.encode()), "length")
    finally:
        os.close(node)


def remove(text):
    """Deletes the way a daemon does."""
    node = os.open(DELETE, os.O_WRONLY)
    try:
        os.write(node, text.encode())
    finally:
        os.close(node)


def read_rest(node, size=65536):
    """Reads a descriptor to the end."""
    got = b""
    while True:
        part = os.read(node, size)
        if not part:
            return got
        got += part


def select(text):
    """Writes a selection and reads its lines from the same descriptor."""
    node = os.open(READ, os.O_RDWR)
    try:
        os.write(node, text.encode())
        return read_rest(node).decode().splitlines()
    finally:
        os.close(node)


def everything_as_is():
    """The whole listing."""
    with open(ALL, "rb") as node:
        return node.read()


def everything():
    """All lines, sorted."""
    return sorted(everything_as_is().splitlines())


def read_selected():
    """Reads without a selection of its own: the namespace's applies."""
    node = os.open(READ, os.O_RDONLY)
    try:
        return read_rest(node)
    finally:
        os.close(node)


def flush():
    """Deletes all rows of all tables."""
    for table in {line.split()[1].decode() for line in everything()}:
        remove("table=" + table)
    equal(everything(), [], "after flush")


def error(call, *args):
    """The errno a call fails with, 0 if it does not."""
    try:
        call(*args)
    except OSError as failure:
        return failure.errno
    return 0


def write_error(path, data):
    """The errno of a write to a node opened for it, 0 if it succeeds."""
    node = os.open(path, os.O_RDWR)
    try:
        return error(os.write, node, data)
    finally:
        os.close(node)


def test_entry_by_text_file():
    """Python's buffered text files, opened for reading and writing"""
    for key in ("table=t,key_string=1234", "table=t,key_int=7"):
        for value in ("value=hello", "int=9999", "int64=123456789123456789",
                      "bool=true", "ip=1.2.3.4", "mac=11:22:33:44:55:66",
                      "ip6=2001:0db8:85a3:0000:0000:8a2e:0370:7334"):
            with open(WRITE, "w", encoding="ascii") as node:
                node.write(f"{key},field=field,{value}")
            with open(READ, "w+", encoding="ascii") as node:
                node.write(key)
                got = node.read()
            want = key.replace(",", " ").replace("=", ": ") + " field: field " \
                + value.replace("value", "string").replace("=", ": ") + "\n"
            equal(got, want, value)
            with open(DELETE, "w+", encoding="ascii") as node:
                node.write(key)
            with open(READ, "w+", encoding="ascii") as node:
                node.write(key)
                equal(node.read(), "", "after deletion")


def test_open_modes():
    """Descriptors opened in every way, and what they refuse"""
    add("table=t,key_int=1,field=f,int=1")
    for flags in (os.O_RDONLY, os.O_RDWR, os.O_RDWR | os.O_TRUNC | os.O_CREAT):
        node = os.open(ALL, flags)
        equal(read_rest(node), b"table: t key_int: 1 field: f int: 1\n", "all")
        os.close(node)
    for path in (READ, WRITE, DELETE):
        for flags in (os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_APPEND,
                      os.O_WRONLY | os.O_TRUNC | os.O_CREAT):
            os.close(os.open(path, flags))
    node = os.open(ALL, os.O_RDWR)
    equal(error(os.write, node, b"table=t"), errno.EIO, "write to all")
    os.close(node)
    for path in (WRITE, DELETE):
        node = os.open(path, os.O_RDWR)
        equal(os.read(node, 10), b"", "read from " + path)
        os.close(node)
    equal(len(everything()), 1, "entries")


def test_write_repeatedly():
    """Many commands through one descriptor, each write a command"""
    node = os.open(WRITE, os.O_WRONLY)
    for i in range(100):
        os.write(node, b"table=t,key_int=%d,field=f,int=%d" % (i, i))
    equal(error(os.write, node, b"garbage"), errno.EINVAL, "garbage")
    os.write(node, b"table=t,key_int=100,field=f,int=100")
    equal(os.write(node, b""), 0, "nothing")
    equal(os.writev(node, [b"", b"table=t,key_int=101,field=f,int=101"]), 35,
          "empty first element")
    os.close(node)
    equal(everything(), sorted(b"table: t key_int: %d field: f int: %d" % (i, i)
                               for i in range(102)), "entries")


def test_overwrite():
    """A field takes a new value and a new type"""
    for value in ("int=1", "int=2", "string=x", "ip6=::1", "bool=false"):
        add("table=t,key_int=1,field=f," + value)
        add("table=t,key_int=1,field=g,int=7")
        name, _, data = value.partition("=")
        data = data.replace("::1", "0000:" * 7 + "0001")
        equal(select("table=t,key_int=1,field=f"),
              [f"table: t key_int: 1 field: f {name}: {data}"], value)
    equal(len(everything()), 2, "entries")


def test_two_descriptors():
    """Selections of two descriptors, and of the next one"""
    for i in range(4):
        add(f"table=t,key_int={i},field=f,int={i}")
    one = os.open(READ, os.O_RDWR)
    two = os.open(READ, os.O_RDWR)
    os.write(one, b"table=t,key_int=1")
    os.write(two, b"table=t,key_int=2")
    line = b"table: t key_int: %d field: f int: %d\n"
    equal(read_rest(one), line % (1, 1), "first")
    equal(read_rest(two), line % (2, 2), "second")
    os.lseek(one, 0, os.SEEK_SET)
    equal(read_rest(one), line % (1, 1), "first again")
    os.write(one, b"table=t,key_int=3")
    equal(read_rest(one), line % (3, 3), "first anew")
    equal(error(os.write, one, b"table="), errno.EINVAL, "malformed")
    os.lseek(one, 0, os.SEEK_SET)
    equal(read_rest(one), line % (3, 3), "first after a refusal")
    os.close(one)
    os.close(two)
    equal(read_selected(), line % (3, 3), "what was selected last")
    equal(read_selected(), line % (3, 3), "that stays")

    # The same for a descriptor that was opened before the selection.
    early = os.open(READ, os.O_RDONLY)
    one = os.open(READ, os.O_RDWR)
    os.write(one, b"table=t,key_int=0")
    equal(read_rest(early), line % (0, 0), "opened before")
    two = os.open(READ, os.O_WRONLY)
    os.write(two, b"table=t,key_int=2")
    equal(read_rest(early), b"", "at the end")
    os.lseek(early, 0, os.SEEK_SET)
    equal(read_rest(early), line % (2, 2), "the next selection")
    equal(read_rest(one), line % (0, 0), "its own, as long as it is open")
    os.close(one)
    os.close(two)
    os.close(early)
    equal(read_selected(), line % (2, 2), "still")


def test_selection_during_read():
    """A listing goes on as it began when another selection is written"""
    for i in range(2000):
        add(f"table=t,key_int={i},field=f,string={'x' * 100}")
    add("table=u,key_int=1,field=f,int=1")
    select("table=t")
    reader = os.open(READ, os.O_RDONLY)
    got = os.read(reader, 100)
    select("table=u")
    got += read_rest(reader)
    equal(len(got.splitlines()), 2000, "lines")
    os.lseek(reader, 0, os.SEEK_SET)
    equal(read_rest(reader), b"table: u key_int: 1 field: f int: 1\n", "from the start")
    os.close(reader)


def test_parallel_selections():
    """Readers that select with the descriptor they read see their own"""
    for i in range(8):
        add(f"table=t,key_int={i},field=f,int={i}")
    wrong = []

    def work(i):
        want = [f"table: t key_int: {i} field: f int: {i}"]
        for _ in range(300):
            got = select(f"table=t,key_int={i}")
            if got != want:
                wrong.append(got)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(wrong, [], "lines of others")


def test_seek():
    """The listing at any offset, by lseek() and pread()"""
    for i in range(500):
        add(f"table=t,key_int={i},field=f,string={'x' * (1 + i % 129)}")
    node = os.open(ALL, os.O_RDONLY)
    whole = b""
    while True:
        # The order changes when the hash table is resized, which happens some
        # time after it was filled.
        before, whole = whole, everything_as_is()
        if before != whole:
            time.sleep(0.5)
            continue
        equal(whole.count(b"\n"), 500, "lines")
        got = [os.pread(node, 50, offset) == whole[offset:offset + 50]
               for offset in (0, 1, 5000, len(whole) - 1, len(whole), 77, 4096, 4095)]
        os.lseek(node, 12345, os.SEEK_SET)
        got.append(read_rest(node, 7) == whole[12345:])
        if everything_as_is() == whole:
            break
    os.close(node)
    equal(got, [True] * len(got), "parts")


def test_big_row():
    """A row of many pages"""
    fields = [b"%0128d" % i for i in range(FIELDS_MAX)]
    value = b"v" * STRING_MAX
    node = os.open(WRITE, os.O_WRONLY)
    for field in fields:
        os.write(node, b"table=t,key_string=k,field=%s,string=%s" % (field, value))
    equal(error(os.write, node, b"table=t,key_string=k,field=one,int=1"),
          errno.E2BIG, "one field more")
    os.write(node, b"table=t,key_string=l,field=f,int=1")
    os.close(node)
    want = sorted(b"table: t key_string: k field: %s string: %s" % (field, value)
                  for field in fields) + [b"table: t key_string: l field: f int: 1"]
    true(sum(map(len, want)) > 1 << 20, "large enough")
    equal(everything(), want, "all")
    for size in (100, 5000, 1 << 20):
        node = os.open(READ, os.O_RDWR)
        os.write(node, b"table=t,key_string=k")
        equal(sorted(read_rest(node, size).splitlines()), want[:-1], size)
        os.close(node)


def test_limits():
    """The longest names, keys and strings, and longer ones"""
    good = {"table": "t" * 128, "key_string": "k" * 254, "field": "f" * 128,
            "string": "s" * STRING_MAX}
    add(",".join(f"{name}={text}" for name, text in good.items()))
    before = everything()
    equal(len(before), 1, "entries")
    for long in good:
        text = ",".join(f"{name}={text}{'x' * (name == long)}"
                        for name, text in good.items())
        equal(write_error(WRITE, text.encode()), errno.ENAMETOOLONG, long)
    for size in (4096, 4097, 5000):
        equal(write_error(WRITE, b"table=t,key_int=1,field=f,string=" + b"x" * size),
              errno.ENAMETOOLONG, size)
    for size in (255, 256, 257, 300, 4096, 5000):
        equal(write_error(DELETE, b"table=t,key_string=" + b"x" * size),
              errno.ENAMETOOLONG, size)
    for size in (STRING_MAX + 1025, 2 * PAGE_SIZE, 10 * PAGE_SIZE, 1 << 22):
        for path in (WRITE, READ, DELETE):
            equal(write_error(path, b"table=" + b"x" * (size - 6)),
                  errno.EMSGSIZE, size)
    equal(everything(), before, "entries")


def test_errnos():
    """Each malformed write gets the errno that fits and changes nothing"""
    add("table=t,key_int=1,field=f,int=5")
    before = everything()
    key = b"table=t,key_int=1,field=f,"
    cases = {
        errno.EINVAL: (
            b"", b"x", b"table", b"table=", b"table=t", b"int=1",
            b"key_int=1,field=f,int=1", b"table=t,key_int=1", key, key + b"int",
            b"table=t,field=f,int=1", b"table=t,key_int=1,int=1",
            key + b"int=1,key_int=", key + b"int=1,key_ip=1.2.3",
            key + b"int=1,bool=yes", key + b"int=1,table=",
            key + b"int=1,field=", key + b"int=1,\n,",
            key + b"int=1,unknown=1", b"unknown=1," + key + b"int=1",
            key + b"int=1.0", key + b"int=0x", key + b"int=08", key + b"int=--1",
            key + b"int=1 ", key + b"int64=", key + b"int64=1e3",
            key + b"bool=TRUE", key + b"bool=0", key + b"bool=yes",
            key + b"ip=1.2.3", key + b"ip=1.2.3.4.5", key + b"ip=1.2.3.300",
            key + b"ip=1.2.3.", key + b"ip=a.b.c.d", key + b"ip=01.02.03.0000004",
            key + b"ip6=1::2::3", key + b"ip6=:", key + b"ip6=12345::",
            key + b"ip6=1:2:3:4:5:6:7:8:9", key + b"ip6=fe80::1%eth0",
            key + b"ip6=::1/64", key + b"mac=00:11:22:33:44",
            key + b"mac=0011.2233.4455", key + b"mac=00:11:22:33:44:55 ",
            b"table=a b," + key[8:] + b"int=1", b"table=\x01," + key[8:] + b"int=1",
            key + b"string=a\0b", b"\0" + key + b"int=1", key + b"int=1\0\n",
            key + b"int=1\n\n", key + b"string=a\nb",
            key + b"int=1\ntable=t,key_int=2,field=f,int=1",
        ),
        errno.ERANGE: (
            key + b"int=2147483648", key + b"int=-2147483649",
            key + b"int=0x80000000", key + b"int=99999999999999999999999",
            key + b"int64=9223372036854775808", key + b"int64=-9223372036854775809",
            b"table=t,key_int=18446744073709551616,field=f,int=1",
        ),
    }
    for want, texts in cases.items():
        for text in texts:
            if not text:
                continue
            equal(write_error(WRITE, text), want, text)
            equal(everything(), before, text)
    for text in (b"key_int=1", b"table=t,field=f", b"table=t,key_int=", b"table=t\0t"):
        equal(write_error(DELETE, text), errno.EINVAL, text)
        equal(everything(), before, text)
    for text in (b"key_int=1", b"field=f", b"table=", b"table=t,key_ip=1"):
        equal(write_error(READ, text), errno.EINVAL, text)
    # An invalid address of the buffer.
    libc = ctypes.CDLL(None, use_errno=True)
    node = os.open(WRITE, os.O_WRONLY)
    equal(libc.write(node, ctypes.c_void_p(8), 100), -1, "bad pointer")
    equal(ctypes.get_errno(), errno.EFAULT, "bad pointer")
    os.close(node)
    equal(everything(), before, "entries")


def test_delete():
    """A field, the last field, a row, all rows"""
    for i in range(3):
        for field in "fg":
            add(f"table=t,key_int={i},field={field},int={i}")
    remove("table=t,key_int=0,field=f")
    equal(len(select("table=t,key_int=0")), 1, "field deleted")
    remove("table=t,key_int=0,field=g")
    equal(select("table=t,key_int=0"), [], "row without fields")
    equal(error(remove, "table=t,key_int=0"), 0, "deleted again")
    remove("table=t,key_int=1")
    equal(len(everything()), 2, "row deleted")
    remove("table=t\n")
    equal(everything(), [], "flushed")
    equal(error(remove, "table=t,key_int=2"), 0, "deleted again")
    equal(error(remove, "table=t,key_int=2,field=nosuch"), 0, "no such field")
    equal(error(remove, "table=nosuch"), 0, "no such table")


def list_and_delete(rows, divisor):
    """Lists rows and deletes meanwhile those whose key divisor divides.

    Returns the keys listed and the keys left.
    """
    node = os.open(WRITE, os.O_WRONLY)
    for i in range(rows):
        os.write(node, b"table=t,key_int=%d,field=f,string=%s" % (i, b"x" * 50))
    os.close(node)
    reader = os.open(ALL, os.O_RDONLY)
    node = os.open(DELETE, os.O_WRONLY)
    got = b""
    while True:
        part = os.read(reader, 3000)
        if not part:
            break
        got += part
        for line in part.splitlines()[1:]:
            word = line.split()
            if len(word) == 8 and int(word[3]) % divisor == 0:
                error(os.write, node, b"table=t,key_int=" + word[3])
    os.close(node)
    os.close(reader)
    left = {int(line.split()[3]) for line in everything()}
    true(len(left) < rows, "some were deleted")
    return [int(line.split()[3]) for line in got.splitlines()], left


def test_delete_while_listing():
    """Rows that stay are listed, though others go"""
    keys, left = list_and_delete(4000, 20)
    equal(sorted(keys), list(range(4000)), "rows, once each")
    true(set(range(1, 4000, 20)) <= left, "what was not deleted is left")
    flush()
    # Delete so many that the hash table shrinks.
    keys, left = list_and_delete(4000, 1)
    equal(sorted(keys), list(range(4000)), "rows, once each")


def test_grow_while_listing():
    """Rows that were there are listed once, though the hash table grows"""
    node = os.open(WRITE, os.O_WRONLY)
    for i in range(2000):
        os.write(node, b"table=t,key_int=%d,field=f,int=1" % i)
    reader = os.open(ALL, os.O_RDONLY)
    got = os.read(reader, 3000)
    for i in range(2000, 20000):
        os.write(node, b"table=t,key_int=%d,field=f,int=1" % i)
    got += read_rest(reader)
    os.close(reader)
    os.close(node)
    keys = [int(line.split()[3]) for line in got.splitlines()]
    equal(len(keys), len(set(keys)), "lines, none twice")
    equal(sorted(key for key in keys if key < 2000), list(range(2000)), "rows that were there")


def test_replace_while_listing():
    """Rows replaced by their successors between two reads are all listed"""
    rows = 500
    node = os.open(WRITE, os.O_WRONLY)
    for i in range(rows):
        os.write(node, b"table=t,key_int=%d,field=f0,int=1" % i)
    reader = os.open(ALL, os.O_RDONLY)
    got = b""
    version = 0
    while True:
        part = os.read(reader, 5000)
        if not part:
            break
        got += part
        version += 1
        for i in range(0, rows):
            os.write(node, b"table=t,key_int=%d,field=f%d,int=1" % (i, version % 20))
    os.close(reader)
    os.close(node)
    keys = {int(line.split()[3]) for line in got.splitlines()}
    true(version > 5, "several reads")
    equal(keys, set(range(rows)), "rows")


def test_threads():
    """10 threads of 1,000 writes each, with readers and deletions beside"""
    failures = []
    done = threading.Event()

    def guarded(work, *args):
        try:
            work(*args)
        except Exception:  # pylint: disable=broad-except
            failures.append(traceback.format_exc())

    def write(thread):
        for i in range(1000):
            add(f"table=load,key_int={thread},field=f{i % 50},string=v{thread}.{i}")
            add(f"table=load,key_string=shared,field=t{thread},int={i}")
            if i % 100 == 99:
                remove(f"table=load,key_int={thread},field=f{i % 50}")

    def read():
        while not done.is_set():
            for line in everything():
                word = line.split(b" ")
                equal([word[0], word[4], len(word)], [b"table:", b"field:", 8], line)
            lines = select("table=load,key_string=shared")
            for line in lines:
                true(line.startswith("table: load key_string: shared field: t"), line)
            names = [line.split()[5] for line in lines]
            equal(len(names), len(set(names)), "fields of a row")

    writers = [threading.Thread(target=guarded, args=(write, i)) for i in range(10)]
    readers = [threading.Thread(target=guarded, args=(read,)) for _ in range(2)]
    for thread in writers + readers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    equal(failures, [], "threads")

    want = [f"table: load key_string: shared field: t{i} int: 999".encode()
            for i in range(10)]
    for thread in range(10):
        # The writes 950 to 999 were the last ones to each field.
        want += [f"table: load key_int: {thread} field: f{i} string: v{thread}.{950 + i}"
                 .encode() for i in range(49)]
    equal(everything(), sorted(want), "entries")


def free_memory():
    """Free memory and caches that the kernel can drop, in KiB."""
    with open("/proc/meminfo", encoding="ascii") as node:
        info = dict(line.split(":") for line in node)
    return sum(int(info[name].split()[0])
               for name in ("MemFree", "Buffers", "Cached", "SReclaimable"))


def test_large_listing():
    """A listing of a million entries takes no memory to speak of"""
    entries = 100000 if os.environ.get("KSFT_MACHINE_SLOW") else 1000000
    node = os.open(WRITE, os.O_WRONLY)
    for i in range(entries // 4):
        key = b"table=big,key_int=%d," % i
        os.write(node, key + b"field=application,string=NETFLIX")
        os.write(node, key + b"field=client,ip=192.168.1.100")
        os.write(node, key + b"field=session_id,int64=%d" % (12341210 + i))
        os.write(node, key + b"field=username,string=user123")
    os.close(node)

    reader = os.open(ALL, os.O_RDONLY)
    os.read(reader, 65536)
    os.lseek(reader, 0, os.SEEK_SET)
    # Wait until the hash table is no longer resized.
    time.sleep(2)
    free = least = free_memory()
    lines = size = reads = 0
    seen = bytearray(entries // 4)
    tail = b""
    while True:
        part = os.read(reader, 65536)
        if not part:
            break
        reads += 1
        size += len(part)
        whole = (tail + part).split(b"\n")
        tail = whole.pop()
        lines += len(whole)
        for line in whole:
            seen[int(line.split(b" ", 4)[3])] += 1
        if reads % 500 == 0:
            least = min(least, free_memory())
    os.close(reader)
    print(f"# {lines} lines, {size >> 20} MiB, {reads} reads, "
          f"memory {free - least} KiB")
    equal(lines, entries, "lines")
    equal(set(seen), {4}, "lines of a row")
    true(free - least < size >> 13, "an eighth of the listing's size at most")
    remove("table=big")


def test_passed_over():
    """A selection that fits nothing among many rows"""
    node = os.open(WRITE, os.O_WRONLY)
    for i in range(5000):
        os.write(node, b"table=t,key_int=%d,field=f,int=1" % i)
    os.write(node, b"table=t,key_int=4999,field=rare,int=2")
    os.write(node, b"table=u,key_int=1,field=other,int=2")
    os.close(node)
    equal(select("table=t,field=rare"),
          ["table: t key_int: 4999 field: rare int: 2"], "one in 5000")
    equal(select("table=t,field=other"), [], "none in 5000")


def test_unload():
    """The module goes while nodes are open"""
    if not os.path.isdir("/sys/module/nf_dict_procfs") or \
            not os.path.exists("/sys/module/nf_dict_procfs/refcnt"):
        return "built in"
    add("table=t,key_int=1,field=f,int=1")
    reader = os.open(READ, os.O_RDWR)
    writer = os.open(WRITE, os.O_WRONLY)
    os.write(reader, b"table=t")
    os.read(reader, 10)
    unread = os.open(READ, os.O_WRONLY)
    os.write(unread, b"table=t")
    subprocess.run(["modprobe", "-r", "nf_dict_procfs"], check=True)
    true(not os.path.exists("/proc/net/dict"), "nodes are gone")
    true(error(os.read, reader, 10) in (errno.EIO, errno.EINVAL), "read")
    equal(error(os.write, writer, b"table=t,key_int=1,field=f,int=2"), errno.EIO,
          "write")
    for node in (reader, writer, unread):
        os.close(node)
    subprocess.run(["modprobe", "nf_dict_procfs"], check=True)
    return None


TESTS = [test for name, test in sorted(globals().items())
         if name.startswith("test_") and test is not test_unload] + [test_unload]


def main():
    """Runs the tests in a network namespace of its own."""
    if set(sys.argv[1:]) & {"-h", "--help"}:
        print(__doc__.strip())
        return 0
    wanted = [test for test in TESTS
              if not sys.argv[1:] or test.__name__[5:] in sys.argv[1:]]
    if not wanted:
        print("no such test; there are:",
              " ".join(test.__name__[5:] for test in TESTS), file=sys.stderr)
        return 2
    if os.geteuid():
        print("SKIP: needs root")
        return KSFT_SKIP
    subprocess.run(["modprobe", "-q", "nf_dict_procfs"], check=False)
    if ctypes.CDLL(None).unshare(CLONE_NEWNET) or not os.path.isdir("/proc/net/dict"):
        print("SKIP: no /proc/net/dict (CONFIG_NF_DICT_PROCFS)")
        return KSFT_SKIP

    failed = 0
    print("TAP version 13")
    print(f"1..{len(wanted)}")
    for i, test in enumerate(wanted, 1):
        skip = None
        start = time.monotonic()
        try:
            skip = test()
            if os.path.exists(ALL):
                flush()
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print("".join("# " + line + "\n"
                          for line in traceback.format_exc().splitlines()), end="")
            print(f"not ok {i} {test.__name__[5:]}")
            # Remove what it left, so that the next test does not fail.
            if os.path.exists(ALL):
                error(flush)
            continue
        print(f"ok {i} {test.__name__[5:]} # "
              + (f"SKIP {skip}" if skip else f"{time.monotonic() - start:.1f} s"))
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
