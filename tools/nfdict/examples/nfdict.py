#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Example of a daemon in Python: writes, reads and watches rows of dict tables
through libnfdict, with nothing but ctypes.

usage: nfdict.py write TABLE KEY FIELD TYPE VALUE [FIELD TYPE VALUE]...
       nfdict.py read TABLE KEY
       nfdict.py listen [COUNT]

As a module it has what a daemon needs: Connection, Row and Error. NFDICT_LIB
names another library than libnfdict.so.1.

Copyright (C) 2026 The nft_dict authors
"""

import ctypes
import os
import sys
from ctypes import (CFUNCTYPE, POINTER, byref, c_bool, c_char_p, c_int,
                    c_int64, c_size_t, c_uint, c_uint8, c_uint16, c_uint32,
                    c_uint64, c_void_p)

NAME_MAX = 128
TEXT_MAX = 8222
CREATE, EXCL, REPLACE = 1, 2, 4
EVENTS = ('create', 'destroy', 'flush', 'swap', 'replace', 'set', 'delete')
BOOL, INT, INT64, LONG_STRING = 1, 2, 3, 7


# The structures of nfdict.h.
class Key(ctypes.Structure):
    _fields_ = [('type', c_uint16), ('len', c_uint16), ('reserved', c_uint32),
                ('data', c_uint8 * 256)]


class ValueUnion(ctypes.Union):
    _fields_ = [('num', c_int64), ('addr', c_uint8 * 16), ('str', c_void_p)]


class Value(ctypes.Structure):
    _fields_ = [('type', c_uint16), ('len', c_uint16), ('reserved', c_uint32),
                ('u', ValueUnion)]


class Field(ctypes.Structure):
    _fields_ = [('name', c_void_p), ('name_len', c_size_t), ('value', Value),
                ('op', c_uint32), ('reserved', c_uint32)]


class CRow(ctypes.Structure):
    _fields_ = [('key', Key), ('fields', POINTER(Field)), ('nfields', c_uint),
                ('has_timeout', c_bool), ('expired', c_bool),
                ('timeout', c_uint64), ('expires', c_uint64),
                ('reserved', c_uint64 * 4)]


class CError(ctypes.Structure):
    _fields_ = [('code', c_int)]    # and more, which is not looked at


class CEvent(ctypes.Structure):
    _fields_ = [('type', c_int), ('table', c_char_p), ('table2', c_char_p),
                ('size', c_uint32), ('timeout', c_uint64),
                ('row', POINTER(CRow))]    # and more


ROW_CB = CFUNCTYPE(c_int, c_char_p, POINTER(CRow), c_void_p)
EVENT_CB = CFUNCTYPE(c_int, POINTER(CEvent), c_void_p)

lib = ctypes.CDLL(os.environ.get('NFDICT_LIB', 'libnfdict.so.1'),
                  use_errno=True)
for name, result, *arguments in (
        ('open', c_void_p), ('close', None, c_void_p),
        ('error', POINTER(CError), c_void_p),
        ('error_print', c_int, POINTER(CError), c_char_p, c_size_t),
        ('row_set', c_int, c_void_p, c_char_p, POINTER(CRow), c_uint),
        ('row_delete', c_int, c_void_p, c_char_p, POINTER(CRow)),
        ('row_read', c_int, c_void_p, c_char_p, POINTER(Key),
         POINTER(POINTER(CRow))),
        ('row_free', None, POINTER(CRow)),
        ('rows', c_int, c_void_p, c_char_p, c_void_p, c_char_p, ROW_CB,
         c_void_p),
        ('listen', c_int, c_void_p, c_uint),
        ('events', c_int, c_void_p, EVENT_CB, c_void_p),
        ('fd', c_int, c_void_p),
        ('key_parse', c_int, POINTER(Key), c_char_p),
        ('key_flaw', c_char_p, c_char_p),
        ('key_print', c_int, POINTER(Key), c_char_p, c_size_t),
        ('type_parse', c_int, c_char_p),
        ('type_name', c_char_p, c_int),
        ('value_parse', c_int, POINTER(Value), c_int, c_char_p),
        ('value_flaw', c_char_p, c_int, c_char_p),
        ('value_print', c_int, POINTER(Value), c_char_p, c_size_t)):
    function = getattr(lib, 'nfdict_' + name)
    function.restype = result
    function.argtypes = arguments


class Error(Exception):
    """What went wrong, in words; code is a negative errno."""

    def __init__(self, text, code=0):
        super().__init__(text)
        self.code = code


def parse_key(text):
    key = Key()
    if lib.nfdict_key_parse(byref(key), text.encode()):
        raise Error(f'key {text}: {lib.nfdict_key_flaw(text.encode()).decode()}')
    return key


def text_of(function, structure):
    buf = ctypes.create_string_buffer(TEXT_MAX)
    function(byref(structure), buf, TEXT_MAX)
    return buf.value.decode(errors='surrogateescape')


class Row:
    """A copy of a row: its key as text, and {field: (type, value)}."""

    def __init__(self, row):
        self.key = text_of(lib.nfdict_key_print, row.key)
        self.fields = {}
        for field in row.fields[:row.nfields]:
            name = ctypes.string_at(field.name, field.name_len).decode(
                errors='surrogateescape')
            value = field.value
            kind = lib.nfdict_type_name(value.type)
            if not kind:
                self.fields[name] = None
            elif value.type == BOOL:
                self.fields[name] = (kind.decode(), bool(value.u.num))
            elif value.type in (INT, INT64):
                self.fields[name] = (kind.decode(), value.u.num)
            else:
                self.fields[name] = (kind.decode(),
                                     text_of(lib.nfdict_value_print, value))
        self.expired = row.expired


class Connection:
    """A connection to the kernel, for one thread at a time."""

    def __init__(self):
        self.nd = lib.nfdict_open()
        if not self.nd:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def close(self):
        lib.nfdict_close(self.nd)
        self.nd = None

    def check(self, code):
        if code < 0:
            error = lib.nfdict_error(self.nd)
            buf = ctypes.create_string_buffer(1024)
            lib.nfdict_error_print(error, buf, len(buf))
            raise Error(buf.value.decode(errors='replace'), code)

    def set(self, table, key, fields, timeout=None, flags=CREATE):
        """Writes fields, {name: (type, value)}, of a row; timeout in s."""
        array = (Field * len(fields))()
        keep = []    # what the structures point to
        for field, (name, (kind, value)) in zip(array, fields.items()):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            number = lib.nfdict_type_parse(kind.encode())
            keep += [name.encode(), text.encode()]
            if lib.nfdict_value_parse(byref(field.value), number, keep[-1]):
                why = lib.nfdict_value_flaw(number, keep[-1]).decode()
                raise Error(f'field {name}: {kind} {text}: {why}')
            field.name = ctypes.cast(c_char_p(keep[-2]), c_void_p)
            field.name_len = len(keep[-2])
        row = CRow(key=parse_key(key), fields=array, nfields=len(fields))
        if timeout is not None:
            row.has_timeout = True
            row.timeout = int(timeout * 1000)
        self.check(lib.nfdict_row_set(self.nd, table.encode(), byref(row),
                                      flags))

    def get(self, table, key):
        """Reads a row; None if there is none."""
        row = POINTER(CRow)()
        code = lib.nfdict_row_read(self.nd, table.encode(),
                                   byref(parse_key(key)), byref(row))
        if code == -2:    # ENOENT
            return None
        self.check(code)
        try:
            return Row(row.contents)
        finally:
            lib.nfdict_row_free(row)

    def rows(self, table):
        """Reads all rows of a table."""
        result = []

        def collect(_table, row, _data):
            result.append(Row(row.contents))
            return 0

        self.check(lib.nfdict_rows(self.nd, table.encode(), None, None,
                                   ROW_CB(collect), None))
        return result

    def listen(self, rcvbuf=1 << 20):
        """From now on the connection serves events."""
        self.check(lib.nfdict_listen(self.nd, rcvbuf))

    def fileno(self):
        """For select and its like."""
        return lib.nfdict_fd(self.nd)

    def events(self):
        """Waits for events: [(what, table, Row or None)]. Error with code
        -ENOBUFS: some were lost, so read the tables anew."""
        result = []

        def collect(event, _data):
            event = event.contents
            row = Row(event.row.contents) if event.row else None
            result.append((EVENTS[event.type], event.table.decode(), row))
            return 0

        self.check(lib.nfdict_events(self.nd, EVENT_CB(collect), None))
        return result


def show(what, table, row):
    if row is None:
        print(what, table)
        return
    words = [what, table, row.key]
    for name, value in row.fields.items():
        words += [name] if value is None else [name, value[0], str(value[1])]
    print(*words)


def main(argv):
    if len(argv) >= 5 and argv[0] == 'write' and len(argv) % 3 == 0:
        fields = {argv[i]: (argv[i + 1], argv[i + 2])
                  for i in range(3, len(argv), 3)}
        Connection().set(argv[1], argv[2], fields)
    elif len(argv) == 3 and argv[0] == 'read':
        row = Connection().get(argv[1], argv[2])
        if row is None:
            raise Error('there is no such row', -2)
        show('set', argv[1], row)
    elif len(argv) in (1, 2) and argv[0] == 'listen':
        left = int(argv[1]) if len(argv) == 2 else -1
        listener = Connection()
        listener.listen()
        print('listening', flush=True)
        while left:
            for event in listener.events():
                if left:
                    show(*event)
                    left -= 1
            sys.stdout.flush()
    else:
        print(__doc__.split('\n\n')[1], file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv[1:]))
    except Error as error:
        sys.exit(f'nfdict.py: {error}')
