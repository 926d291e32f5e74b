:output;type filter hook output priority 0

*ip;test-ip4;output
*ip6;test-ip6;output
*inet;test-inet;output
*bridge;test-bridge;output

# types
dict sessions ct id prio int 5;ok
dict sessions ct id prio integer 5;ok;dict sessions ct id prio int 5
dict sessions ct id prio int == 5;ok;dict sessions ct id prio int 5
dict sessions ct id prio int 0x10;ok;dict sessions ct id prio int 16
dict sessions ct id prio int -5;ok
dict sessions ct id prio int 2147483647;ok
dict sessions ct id prio int -2147483648;ok
dict sessions ct id prio int 2147483648;fail
dict sessions ct id prio int -2147483649;fail
dict sessions ct id prio int high;fail
dict sessions ct id prio int "5*";fail
dict sessions ct id session_id int64 100447866061385;ok
dict sessions ct id session_id int64 9223372036854775807;ok
dict sessions ct id session_id int64 -9223372036854775808;ok
dict sessions ct id session_id int64 9223372036854775808;fail
dict sessions ct id bypass bool true;ok
dict sessions ct id bypass bool false;ok
dict sessions ct id bypass bool != true;ok
dict sessions ct id bypass bool yes;fail
dict sessions ct id bypass bool exists;fail
dict sessions ct id client ipv4_addr 192.168.1.1;ok
dict sessions ct id client ipv4_addr 192.168.1;fail
dict sessions ct id client ipv6_addr 2001:0db8:ac10:fe01:0000:0000:0000:0000;ok;dict sessions ct id client ipv6_addr 2001:db8:ac10:fe01::
dict sessions ct id client ipv6_addr 2001:0db8:ac10:fe01::;ok;dict sessions ct id client ipv6_addr 2001:db8:ac10:fe01::
dict sessions ct id mac ether_addr 00:20:00:aa:bb:cc;ok
dict sessions ct id fwmark mark 0x10;ok;dict sessions ct id fwmark mark 0x00000010
dict sessions ct id server_port inet_service 443;ok
dict sessions ct id ip_protocol inet_proto tcp;ok;dict sessions ct id ip_protocol inet_proto 6
dict sessions ct id state ct_state established;ok
dict sessions ct id wan ifname "eth0";ok
dict sessions ct id wan ifname "ppp*";ok
dict sessions ct id prio nonesuch 5;fail
dict sessions ct id prio 5;fail
dict sessions ct id prio set 5;fail
dict sessions ct id prio;fail
dict sessions ct id;fail
dict sessions prio int 5;fail
dict sessions ct id prio string foo;fail
dict sessions ct id prio boolean true;fail
dict sessions ct id prio ct_label 5;fail
dict sessions ct id prio mark -1;fail

# relations, ranges, prefixes, sets
dict sessions ct id prio int < 3;ok
dict sessions ct id prio int > 0;ok
dict sessions ct id prio int <= 7;ok
dict sessions ct id prio int >= -10;ok
dict sessions ct id prio int != 100;ok
dict sessions ct id prio int 5-10;ok
dict sessions ct id prio int -10-5;ok
dict sessions ct id prio int -10--5;ok
dict sessions ct id prio int != -10--5;ok
dict sessions ct id prio int 10-5;fail
dict sessions ct id prio int >= 5 dict sessions ct id prio int <= 10;ok
dict sessions ct id prio int >= 5 dict sessions ct id level int <= 2;ok
dict sessions ct id prio int < 5 dict sessions ct id prio int > 10;ok
dict sessions ct id prio int 5/24;fail
dict sessions ct id prio int and 1 == 1;fail
dict sessions ct id prio int { 1, 2, -3 };ok
dict sessions ct id prio int != { 1, 2, -3 };ok
dict sessions ct id prio int { -10--5, 0, 5-10 };ok
dict sessions ct id prio int64 > -4294967296;ok
dict sessions ct id fwmark mark and 0xff == 0x10;ok;dict sessions ct id fwmark mark & 0x000000ff == 0x00000010
dict sessions ct id fwmark mark 0x10-0x20;ok;dict sessions ct id fwmark mark 0x00000010-0x00000020
dict sessions ct id client ipv4_addr 192.168.1.0/24;ok
dict sessions ct id client ipv4_addr 192.168.1.0/25;ok
dict sessions ct id client ipv4_addr 192.168.1.1-192.168.1.50;ok
dict sessions ct id client ipv4_addr { 192.168.1.1, 192.168.1.2 };ok
dict sessions ct id client ipv6_addr 2001:db8::/32;ok
!prios type int;ok
?prios -5, 5;ok
dict sessions ct id prio int @prios;ok
dict sessions ct id prio int != @prios;ok

# strings
dict sessions ct id application long_string NETFLIX;ok;dict sessions ct id application long_string "NETFLIX"
dict sessions ct id application long_string "NETFLIX";ok
dict sessions ct id application long_string == NETFLIX;ok;dict sessions ct id application long_string "NETFLIX"
dict sessions ct id application long_string != NETFLIX;ok;dict sessions ct id application long_string != "NETFLIX"
dict sessions ct id application long_string brett;ok;dict sessions ct id application long_string "brett"
dict sessions ct id application long_string bre*;ok;dict sessions ct id application long_string "bre*"
dict sessions ct id application long_string ?rett;ok;dict sessions ct id application long_string "?rett"
dict sessions ct id application long_string bret[a-z];ok;dict sessions ct id application long_string "bret[a-z]"
dict sessions ct id application long_string [!a-z]rett;ok;dict sessions ct id application long_string "[!a-z]rett"
dict sessions ct id application long_string *;ok;dict sessions ct id application long_string "*"
dict sessions ct id application long_string "";ok
dict sessions ct id application long_string 7zip;ok;dict sessions ct id application long_string "7zip"
dict sessions ct id application long_string tcp;ok;dict sessions ct id application long_string "tcp"
dict sessions ct id application_chain long_string IP:TCP:SSL:NETFLIX;ok;dict sessions ct id application_chain long_string "IP:TCP:SSL:NETFLIX"
dict sessions ct id application long_string "Intel Corporation";ok
dict sessions ct id application long_string "5\*";ok
dict sessions ct id application long_string 5\*;ok;dict sessions ct id application long_string "5\*"
dict sessions ct id application long_string "say \"hello\"";ok
dict sessions ct id application long_string {NETFLIX, *TUBE*, "HBO MAX"};ok;dict sessions ct id application long_string { "NETFLIX", "*TUBE*", "HBO MAX" }
dict sessions ct id application long_string != { NETFLIX, *TUBE* };ok;dict sessions ct id application long_string != { "NETFLIX", "*TUBE*" }
dict sessions ct id application long_string { NETFLIX };ok;dict sessions ct id application long_string "NETFLIX"
dict sessions ct id application long_string { IP:TCP, a:b };ok;dict sessions ct id application long_string { "IP:TCP", "a:b" }
dict sessions ct id application long_string bret[a-z;fail
dict sessions ct id application long_string . meta mark { a . 1 };fail
dict sessions ct id application long_string bret[z-a];fail
dict sessions ct id application long_string "brett\";fail
dict sessions ct id application long_string < brett;fail
dict sessions ct id application long_string VIDEO,AUDIO;fail
dict sessions ct id application long_string "VIDEO,AUDIO";ok
dict sessions ct id application long_string @prios;fail
dict sessions ct id application long_string 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789;fail

# presence
dict sessions ct id username exists;ok
dict sessions ct id username missing;ok

# keys
dict hosts meta mark username exists;ok
dict hosts iifname username exists;ok
dict hosts ct original proto-dst username exists;ok
dict hosts ct id . meta mark username exists;ok
dict hosts (ct id . meta mark) username exists;ok;dict hosts ct id . meta mark username exists
dict hosts ct label username exists;ok
dict hosts (meta mark and 0xff) username exists;ok;dict hosts (meta mark & 0x000000ff) username exists
dict hosts (jhash ct id mod 16) username exists;ok
dict hosts jhash ct id mod 16 username exists;ok;dict hosts (jhash ct id mod 16) username exists
dict hosts tcp option maxseg size username exists;ok;dict hosts (tcp option maxseg size) username exists
dict hosts numgen inc mod 2 username exists;ok;dict hosts (numgen inc mod 2) username exists
dict hosts 5 username exists;fail
dict hosts meta mark and 0xff username exists;fail
dict hosts meta mark & 0xff username exists;fail
dict hosts (meta mark map { 1 : 10.0.0.1 }) username exists;fail

# nested tables
dict users dict sessions ct id username long_string quota-exceeded bool true;ok
dict users (dict sessions ct id username long_string) quota-exceeded bool true;ok;dict users dict sessions ct id username long_string quota-exceeded bool true
dict users dict sessions ct id username long_string user_group long_string *sales*;ok;dict users dict sessions ct id username long_string user_group long_string "*sales*"
dict a dict b dict c dict d ct id w int x ipv4_addr y ether_addr z bool true;ok
dict a dict b dict c dict d dict e ct id v int w int x int y int z bool true;fail
dict users dict sessions ct id username long_string quota exists;ok

# names
dict sessions ct id quota int 5;ok
dict sessions ct id mark mark 5;ok;dict sessions ct id mark mark 0x00000005
dict dict ct id dict int 5;ok
dict flush ct id set int 5;ok;dict "flush" ct id set int 5
dict sessions ct id "flush" int 5;ok
dict sessions ct id "exists" int 5;ok
dict "sessions" ct id "prio" int 5;ok;dict sessions ct id prio int 5
dict sess(ions ct id prio int 5;fail
dict "sess(ions" ct id prio int 5;ok
dict "a\"b\\c" ct id prio int 5;ok
dict sessions ct id "pr io" int 5;fail
dict sessions ct id "pr,io" int 5;fail
dict sessions ct id "" int 5;fail
dict 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789 ct id prio int 5;fail

# lists of strings
dict users meta mark groups string_list sales;ok;dict users meta mark groups string_list "sales"
dict users meta mark groups string_list *sales*;ok;dict users meta mark groups string_list "*sales*"
dict users meta mark groups string_list != guests;ok;dict users meta mark groups string_list != "guests"
dict users meta mark groups string_list { exec, sale? };ok;dict users meta mark groups string_list { "exec", "sale?" }
dict users meta mark groups string_list != { exec, "a,b" };ok;dict users meta mark groups string_list != { "exec", "a,b" }
dict users meta mark groups string_list vmap { exec : accept, sale* : drop };ok;dict users meta mark groups string_list vmap { "exec" : accept, "sale*" : drop }
dict staff dict sessions ct id username long_string groups string_list sales;ok;dict staff dict sessions ct id username long_string groups string_list "sales"
dict users meta mark groups string_list < sales;fail
dict users meta mark groups string_list sales,exec;fail
dict users meta mark groups string_list @groups;fail
dict users meta mark groups string_list . prio int { sales . 1 };fail
dict staff dict sessions ct id groups string_list prio int 5;fail
meta mark set dict users meta mark groups string_list;fail

# as a value
meta mark set dict sessions ct id fwmark mark;ok
ct mark set dict sessions ct id fwmark mark;ok
meta mark set dict sessions ct id fwmark int;fail
ct zone set dict sessions ct id zone int;fail
meta mark set dict sessions ct id application long_string;fail
meta mark set dict sessions ct id fwmark mark and 0xff;ok;meta mark set dict sessions ct id fwmark mark & 0x000000ff
meta priority set dict sessions ct id class classid;ok
meta mark . dict sessions ct id prio int { 1 . -5 };ok;meta mark . dict sessions ct id prio int { 0x00000001 . -5 }
meta mark . dict sessions ct id prio int { 1 . -5-5 };ok;meta mark . dict sessions ct id prio int { 0x00000001 . -5-5 }
dict sessions ct id prio int . level int64 { 1 . -2, 3 . 4-5 };ok
dict sessions ct id prio int . level int64 != { 1 . -2 };ok
dict sessions ct id prio int . wan mark . meta mark { 1 . 2 . 3 };ok;dict sessions ct id prio int . wan mark . meta mark { 1 . 0x00000002 . 0x00000003 }
dict sessions ct id prio int . "meta" mark { 1 . 2 };ok;dict sessions ct id prio int . "meta" mark { 1 . 0x00000002 }
meta mark . dict sessions ct id prio int . bypass bool vmap { 1 . 2 . true : accept };ok;meta mark . dict sessions ct id prio int . bypass bool vmap { 0x00000001 . 2 . true : accept }
meta mark set dict sessions ct id wan ifname . client ipv4_addr map { "eth0" . 10.0.0.1 : 1 };ok;meta mark set dict sessions ct id wan ifname . client ipv4_addr map { "eth0" . 10.0.0.1 : 0x00000001 }
dict users dict sessions ct id username long_string prio int . mac ether_addr { 1 . 00:11:22:33:44:55 };ok
dict sessions ct id prio int . dict sessions meta mark prio int . level int { 1 . 2 . 3 };ok
dict hosts (dict sessions ct id prio int . level int) bypass bool true;ok
dict sessions ct id prio int . username long_string { 1 . a };fail
dict sessions ct id username long_string . prio int { a . 1 };fail
dict sessions ct id prio int . level int set 5;fail
dict sessions ct id prio int . level;fail
meta mark . level int { 1 . 2 };fail
meta mark set dict sessions ct id prio int map { -5 : 1, 5 : 2 };ok;meta mark set dict sessions ct id prio int map { -5 : 0x00000001, 5 : 0x00000002 }
dict sessions ct id prio int vmap { -5 : accept, 1-10 : drop };ok
dict sessions ct id bypass bool vmap { true : accept, false : drop };ok
dict sessions ct id application long_string vmap { NETFLIX : drop, *TUBE* : accept };ok;dict sessions ct id application long_string vmap { "NETFLIX" : drop, "*TUBE*" : accept }
meta mark set dict sessions ct id application long_string map { NETFLIX : 1, "HBO MAX" : 2 };ok;meta mark set dict sessions ct id application long_string map { "NETFLIX" : 0x00000001, "HBO MAX" : 0x00000002 }
dict sessions ct id application long_string vmap {NETFLIX:drop,IP:TCP:accept};ok;dict sessions ct id application long_string vmap { "NETFLIX" : drop, "IP:TCP" : accept }
dict sessions ct id application long_string vmap { NETFLIX : drop, a[ : accept };fail
dict sessions ct id application long_string vmap @prios;fail

# writing
dict sessions ct id username long_string set user123;ok;dict sessions ct id username long_string set "user123"
dict sessions ct id username long_string set "a b*\"\\";ok
dict sessions ct id username long_string set "";ok
dict sessions ct id iface long_string set iifname;ok
dict sessions ct id iface ifname set iifname;ok;dict sessions ct id iface long_string set iifname
dict sessions ct id prio int set -5;ok
dict sessions ct id prio int64 set 5;ok
dict sessions ct id bypass bool set true;ok
dict sessions ct id client ipv4_addr set 10.0.0.1;ok
dict sessions ct id mac ether_addr set 00:11:22:33:44:55;ok
dict sessions ct id fwmark mark set 0x10;ok;dict sessions ct id fwmark mark set 0x00000010
dict sessions ct id fwmark mark set meta mark;ok
dict sessions ct id fwmark int set meta mark;ok
dict sessions ct id bytes int64 set ct bytes;ok
dict sessions ct id prio int set dict hosts meta mark prio int;ok
dict sessions ct id prio int set meta mark map { 1 : -5, 2 : 5 };ok;dict sessions ct id prio int set meta mark map { 0x00000001 : -5, 0x00000002 : 5 }
dict sessions ct id wan long_string set meta mark map { 1 : "eth0", 2 : "eth1" };ok;dict sessions ct id wan long_string set meta mark map { 0x00000001 : "eth0", 0x00000002 : "eth1" }
dict sessions ct id state ct_state set new;ok
dict sessions ct id proto inet_proto set 17;ok
dict sessions ct id groups long_string set engineering,exec;fail
dict sessions ct id groups long_string set "engineering,exec";ok
dict sessions ct id quota int64 sub meta length;ok
dict sessions ct id quota int64 add 1000000;ok
dict sessions ct id quota int add -1;ok
dict sessions ct id username long_string add 5;fail
dict sessions ct id bypass bool sub 1;fail
dict sessions ct id prio int set 1-5;fail
dict sessions ct id prio int set iifname;fail
dict sessions ct id username long_string set dict hosts meta mark username long_string;fail
dict users meta mark groups string_list set guests,new;ok;dict users meta mark groups string_list set "guests", "new"
dict users meta mark groups string_list set "a,b", "c d\"\\";ok
dict users meta mark groups string_list set "";ok
dict users meta mark groups string_list add seen;ok;dict users meta mark groups string_list add "seen"
dict users meta mark groups string_list sub new, "old";ok;dict users meta mark groups string_list sub "new", "old"
dict users meta mark groups string_list set iifname;fail
dict users meta mark groups string_list set "a", "";fail
dict users meta mark groups string_list add dict users meta mark groups string_list;fail
dict sessions ct id username delete;ok
dict users dict sessions ct id username long_string quota delete;ok
dict sessions ct id flush;ok
dict users dict sessions ct id username long_string flush;ok
dict users dict sessions ct id username long_string quota int64 sub meta length;ok
