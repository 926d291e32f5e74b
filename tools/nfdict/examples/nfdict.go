// SPDX-License-Identifier: GPL-2.0-only

// Example of a daemon in Go: writes, reads and watches rows of dict tables over
// netlink, with nothing but the standard library. A real one would use a netlink
// package for the sockets, and these attributes.
//
// usage: nfdict write TABLE KEY FIELD VALUE
//
//	nfdict read TABLE KEY
//	nfdict listen [COUNT]
//
// A KEY is an IPv4 address, a number or a string; a VALUE that is a number is
// an int64, any other a long_string.
//
// Copyright (C) 2026 The nft_dict authors
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Of linux/netfilter/nfnetlink.h and nfnetlink_dict.h.
const (
	netlinkNetfilter = 12
	subsysDict       = 13
	groupDict        = 10

	msgTableNew   = 1
	msgTableDel   = 3
	msgTableFlush = 4
	msgTableSwap  = 5
	msgRowNew     = 6
	msgRowGet     = 7
	msgRowDel     = 8

	attrTable = 1
	attrRows  = 5
	attrRow   = 6

	rowKey    = 1
	rowFields = 2
	rowField  = 3

	keyInt    = 1
	keyIPv4   = 2
	keyString = 5

	fieldInt64  = 3
	fieldString = 7
	fieldName   = 64

	solNetlink  = 270
	capAck      = 10
	extAck      = 11
	nested      = 0x8000
	flagAckTLVs = 0x200
	errMessage  = 1
)

// attr makes an attribute of bytes, nest one of attributes.
func attr(kind uint16, data []byte) []byte {
	size := 4 + len(data)
	b := make([]byte, (size+3)&^3)
	binary.LittleEndian.PutUint16(b, uint16(size))
	binary.LittleEndian.PutUint16(b[2:], kind)
	copy(b[4:], data)
	return b
}

func nest(kind uint16, attrs ...[]byte) []byte {
	var data []byte
	for _, a := range attrs {
		data = append(data, a...)
	}
	return attr(kind|nested, data)
}

// each calls f for each attribute; lengths are checked.
func each(b []byte, f func(kind uint16, data []byte)) {
	for len(b) >= 4 {
		size := int(binary.LittleEndian.Uint16(b))
		if size < 4 || size > len(b) {
			return
		}
		f(binary.LittleEndian.Uint16(b[2:])&0x3fff, b[4:size])
		size = (size + 3) &^ 3
		if size > len(b) {
			return
		}
		b = b[size:]
	}
}

func be64(n uint64) []byte {
	return binary.BigEndian.AppendUint64(nil, n)
}

type conn struct {
	fd  int
	seq uint32
}

func open() (*conn, error) {
	fd, err := syscall.Socket(syscall.AF_NETLINK,
		syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, netlinkNetfilter)
	if err != nil {
		return nil, err
	}
	// Errors with a message, and without a copy of the request.
	syscall.SetsockoptInt(fd, solNetlink, capAck, 1)
	syscall.SetsockoptInt(fd, solNetlink, extAck, 1)
	err = syscall.Bind(fd, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK})
	return &conn{fd: fd}, err
}

func (c *conn) send(kind, flags uint16, attrs ...[]byte) error {
	c.seq++
	b := make([]byte, 20) // nlmsghdr, nfgenmsg
	for _, a := range attrs {
		b = append(b, a...)
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)))
	binary.LittleEndian.PutUint16(b[4:], subsysDict<<8|kind)
	binary.LittleEndian.PutUint16(b[6:], flags|syscall.NLM_F_REQUEST)
	binary.LittleEndian.PutUint32(b[8:], c.seq)
	return syscall.Sendto(c.fd, b, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK})
}

func (c *conn) receive() ([]syscall.NetlinkMessage, error) {
	// A row of 255 fields with the longest names and strings takes 1.1 MB.
	b := make([]byte, 2<<20)
	for {
		n, _, err := syscall.Recvfrom(c.fd, b, 0)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		return syscall.ParseNetlinkMessage(b[:n])
	}
}

// answer calls f for the messages that answer a request, up to its
// acknowledgment.
func (c *conn) answer(f func(m syscall.NetlinkMessage)) error {
	for {
		messages, err := c.receive()
		if err != nil {
			return err
		}
		for _, m := range messages {
			if m.Header.Seq != c.seq {
				continue
			}
			if m.Header.Type != syscall.NLMSG_ERROR {
				f(m)
				continue
			}
			return problem(m)
		}
	}
}

// problem makes an error of an acknowledgment, with the kernel's message.
func problem(m syscall.NetlinkMessage) error {
	code := int32(binary.LittleEndian.Uint32(m.Data))
	if code == 0 {
		return nil
	}
	text := syscall.Errno(-code).Error()
	if m.Header.Flags&flagAckTLVs != 0 && len(m.Data) > 20 {
		each(m.Data[20:], func(kind uint16, data []byte) {
			if kind == errMessage {
				text = strings.TrimRight(string(data), "\x00")
			}
		})
	}
	return errors.New(text)
}

func key(text string) []byte {
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return nest(rowKey, attr(keyInt, be64(n)))
	}
	if ip := net.ParseIP(text).To4(); ip != nil {
		return nest(rowKey, attr(keyIPv4, ip))
	}
	return nest(rowKey, attr(keyString, []byte(text)))
}

func value(text string) []byte {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return attr(fieldInt64, be64(uint64(n)))
	}
	return attr(fieldString, []byte(text))
}

func write(c *conn, table, rowkey, field, text string) error {
	row := nest(attrRow, key(rowkey), nest(rowFields,
		nest(rowField, attr(fieldName, []byte(field)), value(text))))
	// A message may have many rows; this one has one.
	err := c.send(msgRowNew, syscall.NLM_F_CREATE|syscall.NLM_F_ACK,
		attr(attrTable, []byte(table)), nest(attrRows, row))
	if err != nil {
		return err
	}
	return c.answer(func(syscall.NetlinkMessage) {})
}

func read(c *conn, table, rowkey string) error {
	err := c.send(msgRowGet, syscall.NLM_F_ACK,
		attr(attrTable, []byte(table)), nest(attrRows, nest(attrRow, key(rowkey))))
	if err != nil {
		return err
	}
	return c.answer(func(m syscall.NetlinkMessage) { show("set", m) })
}

func listen(c *conn, count int) error {
	err := syscall.SetsockoptInt(c.fd, solNetlink, syscall.NETLINK_ADD_MEMBERSHIP, groupDict)
	if err != nil {
		return err
	}
	fmt.Println("listening")
	for count != 0 {
		messages, err := c.receive()
		if err == syscall.ENOBUFS {
			// Read the tables again: events were lost.
			fmt.Println("lost")
			continue
		}
		if err != nil {
			return err
		}
		for _, m := range messages {
			if count != 0 && event(m) {
				count--
			}
		}
	}
	return nil
}

func event(m syscall.NetlinkMessage) bool {
	if m.Header.Type>>8 != subsysDict {
		return false
	}
	switch m.Header.Type & 0xff {
	case msgTableNew:
		show("create", m)
	case msgTableDel:
		show("destroy", m)
	case msgTableFlush:
		show("flush", m)
	case msgTableSwap:
		show("swap", m)
	case msgRowNew:
		if m.Header.Flags&syscall.NLM_F_CREATE != 0 {
			show("replace", m)
		} else {
			show("set", m)
		}
	case msgRowDel:
		show("delete", m)
	default:
		return false
	}
	return true
}

// show prints a message: the event, the table and the row.
func show(what string, m syscall.NetlinkMessage) {
	if len(m.Data) < 4 {
		return
	}
	table := ""
	each(m.Data[4:], func(kind uint16, data []byte) {
		if kind == attrTable {
			table = text(data)
		}
	})
	line := []string{what, table}
	each(m.Data[4:], func(kind uint16, data []byte) {
		switch kind {
		case attrRow:
			line = append(line, row(data)...)
		case attrRows:
			each(data, func(_ uint16, data []byte) { line = append(line, row(data)...) })
		}
	})
	fmt.Println(strings.Join(line, " "))
}

func text(data []byte) string {
	return strings.TrimRight(string(data), "\x00")
}

func row(b []byte) (words []string) {
	each(b, func(kind uint16, data []byte) {
		switch kind {
		case rowKey:
			each(data, func(kind uint16, data []byte) {
				switch {
				case kind == keyInt && len(data) == 8:
					words = append(words, strconv.FormatUint(binary.BigEndian.Uint64(data), 10))
				case kind == keyIPv4:
					words = append(words, net.IP(data).String())
				case kind == keyString:
					words = append(words, text(data))
				}
			})
		case rowFields:
			each(data, func(_ uint16, data []byte) { words = append(words, field(data)...) })
		}
	})
	return words
}

// field returns name, type and value; of a field that was deleted, the name.
func field(b []byte) []string {
	name, words := "", []string{}
	each(b, func(kind uint16, data []byte) {
		switch {
		case kind == fieldName:
			name = text(data)
		case kind == fieldInt64 && len(data) == 8:
			words = []string{"int64", strconv.FormatInt(int64(binary.BigEndian.Uint64(data)), 10)}
		case kind == fieldString:
			words = []string{"long_string", text(data)}
		}
	})
	return append([]string{name}, words...)
}

func main() {
	args := os.Args[1:]
	c, err := open()
	switch {
	case err != nil:
	case len(args) == 5 && args[0] == "write":
		err = write(c, args[1], args[2], args[3], args[4])
	case len(args) == 3 && args[0] == "read":
		err = read(c, args[1], args[2])
	case len(args) > 0 && len(args) < 3 && args[0] == "listen":
		count := -1
		if len(args) == 2 {
			count, err = strconv.Atoi(args[1])
		}
		if err == nil {
			err = listen(c, count)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: nfdict write TABLE KEY FIELD VALUE | read TABLE KEY | listen [COUNT]")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "nfdict:", err)
		os.Exit(1)
	}
}
