#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Check the nodes in /proc/net/dict as an administrator's shell uses them:
#
# - who may open them
# - every command that the documentation of the original module gives
# - all types of keys and values, written and read back
# - which variants of a command are accepted, which are refused, with which
#   error, and that a refused command changes nothing
# - what "delete" deletes
# - which descriptors a selection applies to, and for how long
# - that namespaces do not see each other's tables
# - that netlink shows the same rows and reports changes made here, if there is
#   nfdict(8) ($NFDICT, or in PATH)
#
# usage: nf_dict_procfs.sh [-h | --help]

# shellcheck disable=SC2154,SC2317 # variables of lib.sh, functions of traps

case "${1:-}" in
-h | --help)
	sed -n '/^# Check/,/^# usage/s/^# \{0,1\}//p' "$0"
	exit 0
	;;
esac

cd "$(dirname "$0")" || exit 1
# shellcheck source=/dev/null
source lib.sh

checktool "setpriv --version" "run test without setpriv"
checktool "unshare --version" "run test without unshare"

modprobe -q nf_dict_procfs
if [ ! -d /proc/net/dict ]; then
	echo "SKIP: no /proc/net/dict (CONFIG_NF_DICT_PROCFS)"
	exit "$ksft_skip"
fi

export LC_ALL=C
dir=/proc/net/dict
nobody=65534
ret=0
tmpdir=$(mktemp -d)

# Run the script itself in one namespace, with the name of another.
if [ "${1:-}" != inside ]; then
	trap 'cleanup_all_ns; rm -rf "$tmpdir"' EXIT
	setup_ns ns1 ns2 || exit "$ksft_skip"
	ip netns exec "$ns1" ./"${0##*/}" inside "$ns2"
	exit
fi
ns2=$2
trap 'rm -rf "$tmpdir"' EXIT

pass()
{
	echo "PASS: $*"
}

fail()
{
	echo "FAIL: $*" 1>&2
	ret=1
}

run()
{
	(eval "$1")
}

# Run a line of shell that must succeed without output.
silent()
{
	local out

	if out=$(run "$1" 2>&1) && [ -z "$out" ]; then
		return 0
	fi
	fail "$1: $out"
	return 1
}

put()
{
	silent "echo -n '$1' > $dir/write"
}

# expect WHAT COMMAND: COMMAND prints the lines of standard input, in any order.
expect()
{
	sort > "$tmpdir/want"
	if run "$2" 2>&1 | sort > "$tmpdir/got" &&
	   diff -u "$tmpdir/want" "$tmpdir/got" > "$tmpdir/diff"; then
		pass "$1"
	else
		fail "$1: $2"
		cat "$tmpdir/diff" 1>&2
	fi
}

# refused NODE ERROR TEXT: the write fails with that error and changes nothing.
# TEXT is a format for printf.
refused()
{
	local before after out rc=0

	before=$(< $dir/all)
	out=$(run "printf '$3' > $dir/$1" 2>&1) && rc=1
	after=$(< $dir/all)

	if [ "$rc" -ne 0 ]; then
		fail "$1 accepts $3"
	elif [ "${out##*: }" != "$2" ]; then
		fail "$1 refuses $3 with ${out##*: }, not $2"
	elif [ "$before" != "$after" ]; then
		fail "$1 refuses $3 but changes the tables"
	else
		pass "$1 refuses ${3:0:60}: $2"
	fi
}

flush()
{
	local table tables

	mapfile -t tables < <(cut -d' ' -f2 $dir/all | sort -u)
	for table in "${tables[@]}"; do
		silent "echo -n table=$table > $dir/delete"
	done
}

test_permissions()
{
	local node want got how mode

	want="dr-xr-xr-x 0:0 dict"
	got="$(stat -c '%A %u:%g' $dir) dict"
	for node in all delete read write; do
		[ "$node" = all ] && mode=-r--r----- || mode=-rw-r-----
		want="$want, $mode 0:0 $node"
		got="$got, $(stat -c '%A %u:%g' $dir/$node) $node"
	done
	if [ "$got" = "$want" ]; then
		pass "modes and owners"
	else
		fail "modes and owners: $got, not $want"
	fi

	for node in all read write delete; do
		for how in "<" ">>"; do
			got=$(setpriv --reuid "$nobody" --regid "$nobody" --clear-groups \
				bash -c ": $how $dir/$node" 2>&1)
			if [ "${got##*: }" = "Permission denied" ]; then
				pass "another user does not open $node"
			else
				fail "another user opens $node: $got"
			fi
		done
	done

	# Reading depends on the file mode alone, as for /proc/net/nf_conntrack.
	put "table=t,key_int=1,field=f,int=1"
	silent "echo -n table=t > $dir/read"
	for how in "--bounding-set=-all --inh-caps=-all" \
		   "--reuid $nobody --regid 0 --clear-groups"; do
		for node in all read; do
			got=$(run "setpriv $how cat $dir/$node" 2>&1)
			if [ "$got" = "table: t key_int: 1 field: f int: 1" ]; then
				pass "setpriv $how reads $node"
			else
				fail "setpriv $how does not read $node: $got"
			fi
		done
		got=$(run "setpriv $how cat $dir/write $dir/delete" 2>&1)
		if [ -z "$got" ]; then
			pass "setpriv $how finds nothing in write and delete"
		else
			fail "setpriv $how finds in write and delete: $got"
		fi
	done
	for node in read write delete; do
		for how in ">>" "<>"; do
			got=$(run "setpriv --bounding-set=-net_admin --inh-caps=-net_admin \
					bash -c ': $how $dir/$node'" 2>&1)
			if [ "${got##*: }" = "Operation not permitted" ]; then
				pass "root without CAP_NET_ADMIN does not change $node"
			else
				fail "root without CAP_NET_ADMIN opens $node: $got"
			fi
			got=$(setpriv --reuid "$nobody" --regid 0 --clear-groups \
				bash -c ": $how $dir/$node" 2>&1)
			if [ "${got##*: }" = "Permission denied" ]; then
				pass "group root does not change $node"
			else
				fail "group root opens $node: $got"
			fi
		done
		silent "setpriv --bounding-set=-all,+net_admin --inh-caps=-all,+net_admin \
			bash -c ': <> $dir/$node'" &&
			pass "root with no more than CAP_NET_ADMIN opens $node"
	done
	flush

	# If a user namespace creates a network namespace, its root owns the
	# nodes, as all of /proc/net.
	got=$(setpriv --reuid "$nobody" --regid "$nobody" --clear-groups \
		unshare --user --map-root-user unshare --net bash -c \
		"echo -n table=t,key_int=1,field=f,int=2 > $dir/write &&
		 cat $dir/all" 2>&1)
	if [ "$got" = "table: t key_int: 1 field: f int: 2" ]; then
		pass "root of a user namespace has its own"
	else
		fail "root of a user namespace has not its own: $got"
	fi
	got=$(setpriv --reuid "$nobody" --regid "$nobody" --clear-groups \
		unshare --user --map-root-user cat $dir/all 2>&1)
	if [ "${got##*: }" = "Permission denied" ]; then
		pass "root of a user namespace does not read another's"
	else
		fail "root of a user namespace reads another's: $got"
	fi
}

# Commands and lines are copied from the original module's documentation. Only
# the space after "key_int:" was added, which the original code prints.
test_documented()
{
	put "table=sessions,key_int=286331238,field=application_chain,string=IP/UDP/DNS"
	put "table=sessions,key_int=286331238,field=session_id,int64=12341210"
	put "table=sessions,key_int=286331238,field=client_country,string=XL"
	put "table=sessions,key_int=286331238,field=server_country,string=US"
	put "table=sessions,key_int=286331255,field=application_chain,string=IP/UDP/DNS"
	put "table=sessions,key_int=286331255,field=session_id,int64=12341212"
	put "table=sessions,key_int=286331255,field=client_country,string=XL"
	put "table=sessions,key_int=286331255,field=server_country,string=US"
	put "table=hosts,key_ip=192.168.1.100,field=mac_address,mac=00:11:22:33:44:55"
	put "table=hosts,key_ip=192.168.1.100,field=mac_address_vendor,string=Intel Coporation"
	put "table=hosts,key_ip=192.168.1.101,field=mac_address,mac=00:11:22:33:44:66"
	put "table=hosts,key_ip=192.168.1.101,field=mac_address_vendor,string=Samsung Electro"
	put "table=devices,key_mac=00:11:22:33:44:55,field=interface,int=5"
	put "table=devices,key_mac=00:11:22:33:44:55,field=hostname,string=windows_pc"
	put "table=devices,key_mac=00:11:22:33:44:66,field=interface,int=5"
	put "table=devices,key_mac=00:11:22:33:44:66,field=hostname,string=samsung-sm-g935v"
	put "table=users,key_string=user123,field=quota_remaining,int=1234333"
	put "table=users,key_string=user123,field=quota_exceeded,bool=false"
	put "table=users,key_string=user531,field=quota_remaining,int=1234333"
	put "table=users,key_string=user531,field=quota_exceeded,bool=false"

	cat > "$tmpdir/session" <<-LINES
	table: sessions key_int: 286331238 field: application_chain string: IP/UDP/DNS
	table: sessions key_int: 286331238 field: session_id int64: 12341210
	table: sessions key_int: 286331238 field: client_country string: XL
	table: sessions key_int: 286331238 field: server_country string: US
	LINES
	cat "$tmpdir/session" - > "$tmpdir/sessions" <<-LINES
	table: sessions key_int: 286331255 field: application_chain string: IP/UDP/DNS
	table: sessions key_int: 286331255 field: session_id int64: 12341212
	table: sessions key_int: 286331255 field: client_country string: XL
	table: sessions key_int: 286331255 field: server_country string: US
	LINES
	cat > "$tmpdir/rest" <<-LINES
	table: hosts key_ip: 192.168.1.100 field: mac_address mac: 00:11:22:33:44:55
	table: hosts key_ip: 192.168.1.100 field: mac_address_vendor string: Intel Coporation
	table: hosts key_ip: 192.168.1.101 field: mac_address mac: 00:11:22:33:44:66
	table: hosts key_ip: 192.168.1.101 field: mac_address_vendor string: Samsung Electro
	table: devices key_mac: 00:11:22:33:44:55 field: interface int: 5
	table: devices key_mac: 00:11:22:33:44:55 field: hostname string: windows_pc
	table: devices key_mac: 00:11:22:33:44:66 field: interface int: 5
	table: devices key_mac: 00:11:22:33:44:66 field: hostname string: samsung-sm-g935v
	table: users key_string: user123 field: quota_remaining int: 1234333
	table: users key_string: user123 field: quota_exceeded bool: false
	table: users key_string: user531 field: quota_remaining int: 1234333
	table: users key_string: user531 field: quota_exceeded bool: false
	LINES

	cat "$tmpdir/sessions" "$tmpdir/rest" |
	expect "read all tables" \
		'cat /proc/net/dict/all'
	expect "read just the sessions table" \
		'echo -n "table=sessions" > /proc/net/dict/read'\
' ; cat /proc/net/dict/read' \
		< "$tmpdir/sessions"
	expect "read all of the entries for a specific session" \
		'echo -n "table=sessions,key_int=286331238" > /proc/net/dict/read'\
' ; cat /proc/net/dict/read' \
		< "$tmpdir/session"
	tail -n 1 "$tmpdir/session" |
	expect "read just one field from a specific session" \
		'echo -n "table=sessions,key_int=286331238,field=server_country"'\
' > /proc/net/dict/read ; cat /proc/net/dict/read'

	silent 'echo -n "table=sessions,key_int=1122334455,field=application,string=gmail"'\
' > /proc/net/dict/write'
	echo "table: sessions key_int: 1122334455 field: application string: gmail" \
		> "$tmpdir/gmail"
	cat "$tmpdir/gmail" "$tmpdir/sessions" "$tmpdir/rest" |
	expect "add a string entry to the sessions table" "cat $dir/all"

	silent 'echo -n "table=users,key_string=user555,field=quota_exceeded,bool=true"'\
' > /proc/net/dict/write'
	echo "table: users key_string: user555 field: quota_exceeded bool: true" >> "$tmpdir/rest"
	cat "$tmpdir/gmail" "$tmpdir/sessions" "$tmpdir/rest" |
	expect "add a boolean entry to the users table" "cat $dir/all"

	put "table=sessions,key_int=1122334455,field=username,string=user123"
	silent 'echo -n "table=sessions,key_int=1122334455,field=application"'\
' > /proc/net/dict/delete'
	echo "table: sessions key_int: 1122334455 field: username string: user123" |
	cat - "$tmpdir/sessions" "$tmpdir/rest" |
	expect "delete a specific field from a specific session" "cat $dir/all"

	silent 'echo -n "table=sessions,key_int=1122334455" > /proc/net/dict/delete'
	cat "$tmpdir/sessions" "$tmpdir/rest" |
	expect "delete a specific session from the sessions table" "cat $dir/all"

	silent 'echo -n "table=sessions" > /proc/net/dict/delete'
	expect "delete all sessions from the sessions table" "cat $dir/all" < "$tmpdir/rest"
	flush
}

# Each key type with each value type.
test_types()
{
	local key value field
	local keys="key_int:0 key_int:18446744073709551615 key_ip:10.0.0.255
		    key_ip6:2001:0db8:0000:0000:0000:0000:0000:0001
		    key_mac:00:11:22:aa:bb:cc key_string:user123"
	local values="bool:true bool:false int:2147483647 int:-2147483648
		      int64:-9223372036854775808 int64:9223372036854775807
		      ip:255.255.255.255
		      ip6:fe80:0000:0000:0000:0211:22ff:fe33:4455
		      mac:ff:ff:ff:ff:ff:ff string:NETFLIX"

	: > "$tmpdir/types"
	: > "$tmpdir/puts"
	for key in $keys; do
		for value in $values; do
			field=${value//:/.}
			echo "echo -n 'table=t,${key/:/=},field=$field,${value/:/=}' \
				> $dir/write" >> "$tmpdir/puts"
			echo "table: t ${key/:/: } field: $field ${value/:/: }" \
				>> "$tmpdir/types"
		done
	done
	silent "source $tmpdir/puts"
	expect "every type of key with every type of value" "cat $dir/all" < "$tmpdir/types"
	flush

	put "table=t,key_ip6=::1,field=a,int=1"
	put "table=t,key_int=1,field=a,ip6=2001:DB8::FF"
	put "table=t,key_mac=AA:bb:CC:dd:EE:ff,field=b,mac=AA:bb:CC:dd:EE:ff"
	put "table=t,key_int=0x11,field=c,int64=-0x10"
	expect "addresses and numbers in other forms" "cat $dir/all" <<-LINES
	table: t key_ip6: 0000:0000:0000:0000:0000:0000:0000:0001 field: a int: 1
	table: t key_int: 1 field: a ip6: 2001:0db8:0000:0000:0000:0000:0000:00ff
	table: t key_mac: aa:bb:cc:dd:ee:ff field: b mac: aa:bb:cc:dd:ee:ff
	table: t key_int: 17 field: c int64: -16
	LINES
	flush
}

test_strings()
{
	put "table=users,key_string=a,field=usergroups,string=engineering,exec,onsite"
	put "table=users,key_string=b,string=engineering,exec,field=usergroups"
	put "string=x=y,z=1,key_string=Doe, John,table=users,field=f"
	put "table=users,key_string=c,field=value,value=v"
	put "table=users,key_string=c,field=agent,string=Mozilla/5.0 (X11; Linux) \\n é"
	cat > "$tmpdir/strings" <<-'LINES'
	table: users key_string: a field: usergroups string: engineering,exec,onsite
	table: users key_string: b field: usergroups string: engineering,exec
	table: users key_string: Doe, John field: f string: x=y,z=1
	table: users key_string: c field: value string: v
	table: users key_string: c field: agent string: Mozilla/5.0 (X11; Linux) \n é
	LINES
	expect "commas, spaces and other bytes in strings" "cat $dir/all" \
		< "$tmpdir/strings"
	flush

	silent "printf 'table=t,key_int=1,field=f,string=a\\rb\\tc\\033[1m' > $dir/write"
	printf 'table: t key_int: 1 field: f string: a\\015b\tc\\033[1m\n' |
	expect "control characters do not reach the terminal" "cat $dir/all"
	flush
}

# taken NODE TEXT: a write succeeds. TEXT is a format for printf.
taken()
{
	local out

	if out=$(run "printf '$2' > $dir/$1" 2>&1); then
		pass "$1 takes ${2:0:60}"
	else
		fail "$1 refuses $2: $out"
	fi
}

# Unusual commands that are accepted. Each writes a new value, which is checked.
test_harmless()
{
	local text node value=0

	# Empty writes, and the rest of a buffer after the end of a line.
	for text in "" "," ",,\\n" "\\0" "\\n\\0"; do
		for node in write read delete; do
			taken "$node" "$text"
		done
	done

	for text in "table=t,key_int=1,field=f,int=V\\n" \
		    "table=t,key_int=1,field=f,int=V\\0" \
		    "table=t,key_int=1,field=f,int=V\\n\\0\\0" \
		    "table=t,key_int=1,field=f,int=V," \
		    "table=t,key_int=1,field=f,int=V,,\\n" \
		    ",table=t,key_int=1,field=f,int=V" \
		    ",,table=t,,,key_int=1,,field=f,,,int=V,," \
		    "table=u,table=t,key_int=1,field=f,int=V" \
		    "table=t,key_int=2,key_int=1,field=f,int=V" \
		    "table=t,key_string=k,key_int=1,field=f,int=V" \
		    "table=t,key_int=1,field=g,field=f,int=V" \
		    "table=t,key_int=1,field=f,int=7,int=V" \
		    "table=t,key_int=1,field=f,string=x,int=V" \
		    "table=t,key_int=1,field=f,int=V,string=" \
		    "int=V,field=f,key_int=1,table=t"; do
		value=$((value + 1))
		taken write "${text/V/$value}"
		echo "table: t key_int: 1 field: f int: $value" |
			expect "and writes $value" "cat $dir/all"
	done
	flush

	taken write "table=t,key_string=a,field=f,string=a,b,,"
	taken write "table=t,key_string=b,,field=f,string=a,b\\0"
	taken write "table=t,key_mac=0:1:2:a:b:CC,field=f,mac=0:11:2:33:4:5"
	expect "strings without the commas behind them, octets of one digit" \
		"cat $dir/all" <<-LINES
	table: t key_string: a field: f string: a,b
	table: t key_string: b field: f string: a,b
	table: t key_mac: 00:01:02:0a:0b:cc field: f mac: 00:11:02:33:04:05
	LINES
	flush

	put "table=t,key_int=1,field=f,int=1"
	for text in "string=" "value=" "value=,," "value=\\n"; do
		taken write "table=t,key_int=1,field=f,$text"
		taken write "table=t,key_int=2,field=f,$text"
		taken write "table=none,key_int=2,field=f,$text"
	done
	expect "an empty string writes nothing" "cat $dir/all" <<-LINES
	table: t key_int: 1 field: f int: 1
	LINES

	for text in "table=t,key_int=1,field=f,int=5" "table=t,key_int=1,colour=red" \
		    "colour,table=t,key_int=1" "table=t,,key_int=1," \
		    "table=u,key_int=7,table=t,key_int=1" "table=t,key_int=1\\0" \
		    "table=t,key_int=1,string=a,b,field=f" "table=t,bool=maybe,key_int=1"; do
		taken read "$text"
		expect "and selects" "cat $dir/read" <<-LINES
		table: t key_int: 1 field: f int: 1
		LINES
		taken delete "$text"
		expect "and deletes" "cat $dir/all" < /dev/null
		put "table=t,key_int=1,field=f,int=1"
	done

	# None of these exist.
	for text in nosuch t,key_int=2 t,key_string=1 t,key_int=1,field=g \
		    t,key_int=2,field=f t,key_ip6=::1; do
		taken delete "table=$text"
	done
	expect "deleting what is not there deletes nothing" "cat $dir/all" <<-LINES
	table: t key_int: 1 field: f int: 1
	LINES
	flush
}

test_refused()
{
	local inval="Invalid argument"
	local range="Numerical result out of range"
	local long="File name too long"
	local big="Message too long"
	local s128 s129

	s128=$(printf 'x%.0s' {1..128})
	s129=x$s128

	put "table=t,key_int=1,field=f,int=5"
	put "table=t,key_string=k,field=f,string=v"

	refused write "$inval" "garbage"
	refused write "$inval" "key_int=1,field=f,int=6"
	refused write "$inval" "table=t,field=f,int=6"
	refused write "$inval" "table=t,key_int=1,int=6"
	refused write "$inval" "table=t,key_int=1,field=f"
	refused write "$inval" "table=,key_int=1,field=f,int=6"
	refused write "$inval" "table=t,key_int=1,field=,int=6"
	refused write "$inval" "table=t,key_string=,field=f,int=6"
	refused write "$inval" "table=t,key_int=,field=f,int=6"
	refused write "$inval" "table=t u,key_int=1,field=f,int=6"
	refused write "$inval" "table=t,key_int=1,field=f g,int=6"
	refused write "$inval" "table=t,key_int=1,field=f,int=6,colour=red"
	refused write "$inval" "colour=red,table=t,key_int=1,field=f,int=6"
	refused write "$inval" "table=t,key_int=1,field=f,integer=6"
	refused write "$inval" "Table=t,key_int=1,field=f,int=6"
	refused write "$inval" " table=t,key_int=1,field=f,int=6"
	refused write "$inval" "table=t,key_int=x,key_int=2,field=f,int=6"
	refused write "$inval" "table=t,key_int=1,field=f,int=6,int=seven"
	refused write "$inval" "table=t,key_int=1,field=f,int=six"
	refused write "$inval" "table=t,key_int=1,field=f,int=6x"
	refused write "$inval" "table=t,key_int=1,field=f,int="
	refused write "$inval" "table=t,key_int=1,field=f,int= 6"
	refused write "$range" "table=t,key_int=1,field=f,int=2147483648"
	refused write "$range" "table=t,key_int=1,field=f,int=-2147483649"
	refused write "$inval" "table=t,key_int=1,field=f,int64=1.5"
	refused write "$range" "table=t,key_int=1,field=f,int64=9223372036854775808"
	refused write "$range" "table=t,key_int=1,field=f,int64=-9223372036854775809"
	refused write "$inval" "table=t,key_int=-1,field=f,int=6"
	refused write "$inval" "table=t,key_int=1x,field=f,int=6"
	refused write "$range" "table=t,key_int=18446744073709551616,field=f,int=6"
	refused write "$inval" "table=t,key_int=1,field=f,bool=1"
	refused write "$inval" "table=t,key_int=1,field=f,bool=True"
	refused write "$inval" "table=t,key_int=1,field=f,bool=truee"
	refused write "$inval" "table=t,key_int=1,field=f,bool="
	refused write "$inval" "table=t,key_int=1,field=f,ip=1.2.3"
	refused write "$inval" "table=t,key_int=1,field=f,ip=1.2.3.256"
	refused write "$inval" "table=t,key_int=1,field=f,ip=1.2.3.4.5"
	refused write "$inval" "table=t,key_int=1,field=f,ip=1.2.3.4 "
	refused write "$inval" "table=t,key_int=1,field=f,ip=::1"
	refused write "$inval" "table=t,key_int=1,field=f,ip6=1.2.3.4"
	refused write "$inval" "table=t,key_int=1,field=f,ip6=1:2:3"
	refused write "$inval" "table=t,key_int=1,field=f,ip6=::1::2"
	refused write "$inval" "table=t,key_int=1,field=f,ip6=::g"
	refused write "$inval" "table=t,key_int=1,field=f,mac=00:11:22:33:44"
	refused write "$inval" "table=t,key_int=1,field=f,mac=00:11:22:33:44:55:66"
	refused write "$inval" "table=t,key_int=1,field=f,mac=00-11-22-33-44-55"
	refused write "$inval" "table=t,key_int=1,field=f,mac=00:11:22:33:44:5g"
	refused write "$inval" "table=t,key_ip=localhost,field=f,int=6"
	refused write "$inval" "table=t,key_ip6=fe80,field=f,int=6"
	refused write "$inval" "table=t,key_mac=0:1:2:3:4:,field=f,int=6"
	refused write "$inval" "table=t,key_mac=0:1:2:3:4:005,field=f,int=6"
	refused write "$inval" "table=t,key_mac=0:1:2::4:5,field=f,int=6"
	refused write "$inval" "table=t,key_mac=,field=f,int=6"
	refused write "$long" "table=$s129,key_int=1,field=f,int=6"
	refused write "$long" "table=t,key_int=1,field=$s129,int=6"
	refused write "$long" "table=t,key_string=$s128$s128,field=f,int=6"
	refused write "$inval" "table=t,key_int=1,field=f,string=a\\0b"
	refused write "$inval" "table=t\\0,key_int=1,field=f,string=v"

	refused delete "$inval" "key_int=1"
	refused delete "$inval" "table=t,field=f"
	refused delete "$inval" "table=t,key_int=one"
	refused delete "$inval" "table=t,key_int="
	refused delete "$inval" "table=t,key_int=1,field="
	refused delete "$inval" "colour=red"

	refused read "$inval" "key_int=1"
	refused read "$inval" "field=f"
	refused read "$inval" "table=t,key_int=one"
	refused read "$inval" "table=t\\0,key_int=1"

	# More than a page in one write.
	if run "head -c 70000 /dev/zero | tr '\\0' x |
		dd of=$dir/write bs=70000 iflag=fullblock count=1 status=none" 2>&1 |
	   grep -q "$big"; then
		pass "write refuses more than a page: $big"
	else
		fail "write accepts more than a page"
	fi

	put "table=$s128,key_string=$s128,field=$s128,string=$s128"
	expect "names, keys and strings of 128 bytes" \
		"echo -n table=$s128,key_string=$s128,field=$s128 > $dir/read
		 cat $dir/read" <<-LINES
	table: $s128 key_string: $s128 field: $s128 string: $s128
	LINES
	flush
}

test_select()
{
	put "table=t,key_int=1,field=f,int=11"
	put "table=t,key_int=1,field=g,int=12"
	put "table=t,key_int=2,field=f,int=21"
	put "table=u,key_int=1,field=f,int=31"

	expect "a field of every row" \
		"echo -n table=t,field=f > $dir/read; cat $dir/read" <<-LINES
	table: t key_int: 1 field: f int: 11
	table: t key_int: 2 field: f int: 21
	LINES
	expect "what does not exist has no lines" \
		"echo -n table=x > $dir/read; cat $dir/read
		 echo -n table=t,field=x > $dir/read; cat $dir/read
		 echo -n table=t,key_int=3 > $dir/read; cat $dir/read
		 echo -n table=t,key_int=2,field=g > $dir/read; cat $dir/read
		 echo -n table=t,key_string=1 > $dir/read; cat $dir/read" </dev/null
	expect "a selection stays" \
		"echo -n table=u > $dir/read; cat $dir/read; grep 31 $dir/read
		 grep 32 $dir/read; cat $dir/read" <<-LINES
	table: u key_int: 1 field: f int: 31
	table: u key_int: 1 field: f int: 31
	table: u key_int: 1 field: f int: 31
	LINES
	expect "a descriptor opened before sees it" \
		"echo -n table=t > $dir/read
		 exec 3<$dir/read; echo -n table=u > $dir/read; cat <&3" <<-LINES
	table: u key_int: 1 field: f int: 31
	LINES
	expect "the last selection counts" \
		"echo -n table=t > $dir/read; echo -n table=u > $dir/read; cat $dir/read" <<-LINES
	table: u key_int: 1 field: f int: 31
	LINES
	expect "a refused selection replaces none" \
		"echo -n table=u > $dir/read
		 echo -n key_int=1 2>/dev/null > $dir/read
		 cat $dir/read" <<-LINES
	table: u key_int: 1 field: f int: 31
	LINES
	# 3 and 4 use their own selections, 5 uses the namespace's, the latest.
	expect "selections of descriptors are independent" \
		"exec 3<>$dir/read 4<>$dir/read 5<>$dir/read
		 echo -n table=u >&4
		 echo -n table=t,key_int=2 >&3
		 cat <&3; cat <&4; cat <&5
		 exec 3>&- 4>&- 5>&-
		 cat $dir/read" <<-LINES
	table: t key_int: 2 field: f int: 21
	table: u key_int: 1 field: f int: 31
	table: t key_int: 2 field: f int: 21
	table: t key_int: 2 field: f int: 21
	LINES
	expect "all nodes can be read" "cat $dir/*" < <(
		cat $dir/all
		echo "table: t key_int: 2 field: f int: 21"
	)
	expect "one descriptor selects again" \
		"exec 3<>$dir/read
		 echo -n table=t,key_int=2 >&3; cat <&3
		 echo -n table=u >&3; cat <&3" <<-LINES
	table: t key_int: 2 field: f int: 21
	table: u key_int: 1 field: f int: 31
	LINES
	flush
}

test_namespaces()
{
	local other

	put "table=t,key_int=1,field=f,int=1"
	ip netns exec "$ns2" bash -c "echo -n table=t,key_int=1,field=f,int=2 > $dir/write"
	expect "the first namespace" "cat $dir/all" <<-LINES
	table: t key_int: 1 field: f int: 1
	LINES
	other=$(ip netns exec "$ns2" cat $dir/all)
	if [ "$other" = "table: t key_int: 1 field: f int: 2" ]; then
		pass "the second namespace"
	else
		fail "the second namespace: $other"
	fi

	silent "echo -n table=t > $dir/read"
	other=$(ip netns exec "$ns2" cat $dir/read)
	if [ -z "$other" ]; then
		pass "a selection stays in its namespace"
	else
		fail "a selection does not stay in its namespace: $other"
	fi

	silent "echo -n table=t > $dir/delete"
	other=$(ip netns exec "$ns2" cat $dir/all)
	if [ "$other" = "table: t key_int: 1 field: f int: 2" ]; then
		pass "deletion stays in its namespace"
	else
		fail "deletion does not stay in its namespace: $other"
	fi
}

test_netlink()
{
	local nfdict=${NFDICT:-nfdict} monitor got i

	if ! command -v "$nfdict" > /dev/null; then
		echo "SKIP: netlink shows the same rows (no nfdict)"
		return
	fi

	"$nfdict" monitor > "$tmpdir/events" &
	monitor=$!
	# Change another table until an event shows that the monitor listens.
	for ((i = 0; i < 100; i++)); do
		put "table=other,key_int=$i,field=f,int=1"
		[ -s "$tmpdir/events" ] && break
		sleep 0.1
	done

	put "table=n,key_int=7,field=f,string=x"
	put "table=n,key_int=7,field=g,int=-5"
	got=$("$nfdict" --raw get n 7 f g)
	if [ "$got" = "x
-5" ]; then
		pass "netlink shows what was written here"
	else
		fail "netlink shows $got, not what was written here"
	fi

	"$nfdict" set n 10.0.0.1 a bool true b ipv6_addr ::1
	expect "what was written by netlink" \
		"echo -n table=n,key_ip=10.0.0.1 > $dir/read; cat $dir/read" <<-LINES
	table: n key_ip: 10.0.0.1 field: a bool: true
	table: n key_ip: 10.0.0.1 field: b ip6: 0000:0000:0000:0000:0000:0000:0000:0001
	LINES

	silent "echo -n table=n,key_int=7,field=f > $dir/delete"
	silent "echo -n table=n,key_int=7 > $dir/delete"
	silent "echo -n table=n > $dir/delete"
	for ((i = 0; i < 100; i++)); do
		grep -q "^flush n" "$tmpdir/events" && break
		sleep 0.1
	done
	kill "$monitor"
	wait "$monitor" 2>/dev/null
	cat <<-EVENTS | expect "netlink tells of changes" "grep -w n $tmpdir/events"
	create n
	replace n 7 f long_string x
	set n 7 g int -5
	replace n 10.0.0.1 a bool true b ipv6_addr ::1
	delete n 7 f
	delete n 7
	flush n
	EVENTS
	flush
}

expect "without a selection there are no lines" "cat $dir/read" < /dev/null
test_permissions
test_documented
test_types
test_strings
test_harmless
test_refused
test_select
test_namespaces
test_netlink

exit "$ret"
