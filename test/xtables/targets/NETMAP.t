# NETMAP: each line was asked of iptables 1.8.9, which took or refused it so
*nat
:PREROUTING
-j NETMAP --to 10.0.0.0/24; =; OK
-j NETMAP --to 10.0.0.7/24; -j NETMAP --to 10.0.0.0/24; OK
-j NETMAP --to 10.0.0.7; -j NETMAP --to 10.0.0.7/32; OK
-j NETMAP --to 10.0.0.7/32; =; OK
-j NETMAP --to 10.0.0.0/255.255.0.0; -j NETMAP --to 10.0.0.0/16; OK
-j NETMAP --to 10.0.0.0/255.0.255.0; -j NETMAP --to 10.0.0.0/32; OK
-j NETMAP --to 10.0.0.0/33; -j NETMAP --to 10.0.0.0/32; OK
-j NETMAP --to 10.0.0.0/0; -j NETMAP --to 0.0.0.0/0; OK
-j NETMAP --to 10.1/16; -j NETMAP --to 10.0.0.0/16; OK
-j NETMAP; option "--to" must be specified; FAIL
-j NETMAP --to ""; "" is no IPv4 address; FAIL
-j NETMAP ! --to 1.2.3.4; option "--to" cannot be inverted.; FAIL
-6 -j NETMAP --to dead::beef/64; -j NETMAP --to dead::/64; OK
-6 -j NETMAP --to dead::/ffff::; -j NETMAP --to dead::/16; OK
-6 -j NETMAP --to dead::/129; "129" is neither a network mask nor a length; FAIL
-6 -j NETMAP --to dead::/0; -j NETMAP --to ::/0; OK
-j NETMAP --to 10.0.0.0/abc; "abc" is neither a network mask nor a length; FAIL
-j NETMAP --to 10.0.0.0/; "" is neither a network mask nor a length; FAIL
-j NETMAP --to 10.0.0.0/0x18; -j NETMAP --to 10.0.0.0/24; OK
-j NETMAP --to 10.0.0.0/-1; "-1" is neither a network mask nor a length; FAIL
-6 -j NETMAP --to dead::/ffff:0:ffff::; -j NETMAP --to dead::/128; OK
-6 -j NETMAP --to dead::/; "" is neither a network mask nor a length; FAIL
-6 -j NETMAP --to 1.2.3.4; "1.2.3.4" is no IPv6 address; FAIL
*nat
:PREROUTING
-j NETMAP --to 10.0.0.0/255.255.255; -j NETMAP --to 10.0.0.0/32; OK
-j NETMAP --to 10.0.0.0/4294901760; -j NETMAP --to 10.0.0.0/16; OK
-j NETMAP --to 10.0.0.0/1000; -j NETMAP --to 10.0.0.0/32; OK
