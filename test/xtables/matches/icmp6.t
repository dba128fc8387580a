# icmp6: each line was asked of iptables 1.8.9, which took or refused it so
-6 -p icmpv6 --icmpv6-type 135; -p ipv6-icmp -m icmp6 --icmpv6-type 135; OK
-6 -p icmpv6 --icmpv6-type neigh; icmp6: Ambiguous ICMPv6 type `neigh': `neighbour-solicitation' or `neighbor-solicitation'?; FAIL
-6 -p icmpv6 --icmpv6-type neighbor-solicitation; -p ipv6-icmp -m icmp6 --icmpv6-type 135; OK
-6 -p icmpv6 --icmpv6-type 1/4; -p ipv6-icmp -m icmp6 --icmpv6-type 1/4; OK
-6 -p icmpv6 ! --icmpv6-type echo-request; -p ipv6-icmp -m icmp6 ! --icmpv6-type 128; OK
-6 -p icmpv6 --icmpv6-type any; icmp6: Unknown ICMPv6 type `any'; FAIL
-6 -p icmpv6 --icmpv6-type 255; -p ipv6-icmp -m icmp6 --icmpv6-type 255; OK
-6 -p icmpv6 --icmpv6-type 128/0; -p ipv6-icmp -m icmp6 --icmpv6-type 128/0; OK
-6 -p icmpv6 --icmpv6-type 1/0:5; -p ipv6-icmp -m icmp6 --icmpv6-type 1/0; OK
-6 -m icmp6 --icmpv6-type 1; icmp6 match requires '-p ipv6-icmp'; FAIL
-6 -p icmpv6 --icmpv6-type destination-unreachable; -p ipv6-icmp -m icmp6 --icmpv6-type 1; OK
-6 -p icmpv6 --icmpv6-type address-u; -p ipv6-icmp -m icmp6 --icmpv6-type 1/3; OK
-6 -p icmpv6 --icmpv6-type router-advertisement; -p ipv6-icmp -m icmp6 --icmpv6-type 134; OK
-6 -p icmpv6 --icmpv6-type policy-fail; icmp6: Unknown ICMPv6 type `policy-fail'; FAIL
-6 -p icmpv6 --icmpv6-type reject-route; -p ipv6-icmp -m icmp6 --icmpv6-type 1/6; OK
-6 -p icmpv6 --icmpv6-type mld2-listener-report; icmp6: Unknown ICMPv6 type `mld2-listener-report'; FAIL
-6 -p icmpv6 --icmpv6-type timestamp-request; icmp6: Unknown ICMPv6 type `timestamp-request'; FAIL
-6 -p 58 --icmpv6-type ping; -p ipv6-icmp -m icmp6 --icmpv6-type 128; OK
# does it fit, and why
? icmpv6 icmp-type=135/0; -6 -p ipv6-icmp -m icmp6 --icmpv6-type 135; YES ICMPv6 type 135/0 is 135
? icmpv6 icmp-type=128/0; -6 -p ipv6-icmp -m icmp6 --icmpv6-type 129; NO ICMPv6 type 128/0 is not 129
