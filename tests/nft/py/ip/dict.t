:output;type filter hook output priority 0
:prerouting;type nat hook prerouting priority 0

*ip;test-ip4;output
*inet;test-inet;output

dict hosts ip saddr captive-portal-authenticated bool false;ok
tcp dport 80 dict hosts ip saddr captive-portal-authenticated bool false;ok
dict host ip saddr mac-vendor long_string *NEST*;ok;dict host ip saddr mac-vendor long_string "*NEST*"
dict hosts ip saddr mac_address ether_addr set ether saddr;ok
dict devices ether saddr quota-remaining integer <= 0;ok;dict devices ether saddr quota-remaining int <= 0
dict services tcp dport name long_string http*;ok;dict services tcp dport name long_string "http*"
dict flows ip saddr . tcp dport seen bool true;ok
dict flows (ip saddr . tcp dport) seen bool true;ok;dict flows ip saddr . tcp dport seen bool true
dict nets (ip saddr and 255.255.0.0) blocked bool true;ok;dict nets (ip saddr & 255.255.0.0) blocked bool true
dict users dict hosts ip saddr username long_string quota_remaining int64 sub meta length;ok
dict hosts ip saddr bytes int add ip length;ok
ip saddr . dict hosts ip saddr prio int { 10.0.0.1 . -1 };ok
ip daddr set dict hosts ip saddr proxy ipv4_addr;ok
tcp dport set dict hosts ip saddr port inet_service;ok
dict vlans vlan id blocked bool true;ok
dict classes ip dscp prio int 5;ok
dict hosts ip saddr vlan int set vlan id;ok
dict hosts ip saddr wan long_string set ip daddr map { 10.0.0.1 : "eth0" };ok
