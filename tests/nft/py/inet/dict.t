:output;type filter hook output priority 0

*inet;test-inet;output

# the types of fields that the table declares can be left out
%t type dict { key int; fields { b : bool, i : int, q : int64, a : ipv4_addr, e : ether_addr, s : long_string }; };ok
%u type dict { key string; fields { s : long_string, b : bool }; flags open; };ok
%h type dict { key ipv4_addr; size 5; timeout 1h; };ok

dict t ct id s "foo";ok
dict t ct id s foo;ok;dict t ct id s "foo"
dict t ct id s != "a*";ok
dict t ct id s { "a", "b" };ok
dict t ct id s long_string "foo";ok
dict u dict t ct id s s "foo";ok
dict u dict t ct id s s long_string "foo";ok
dict u dict t ct id s long_string s "foo";ok
dict t ct id b exists;ok
dict t ct id b set true;ok
dict t ct id i set -5;ok
dict t ct id i add 5;ok
dict t ct id q sub meta length;ok
dict t ct id s set "foo";ok
meta mark set dict t ct id i mark;ok
dict u iifname x long_string "foo";ok

# no such field, another type, another class of keys, nothing to tell the type
dict t ct id nope "foo";fail
dict t ct id nope exists;fail
dict t ct id b int 5;fail
dict t ct id s bool true;fail
dict t ip saddr s "foo";fail
dict h ct id x long_string "foo";fail
dict h dict t ct id i x long_string "foo";fail
dict u iifname x "foo";fail
dict h ip saddr x "foo";fail
dict other ct id s "foo";fail
meta mark set dict t ct id i;fail
