# addrtype: each line was asked of iptables 1.8.9, which took or refused it so
-m addrtype --src-type LOCAL,UNICAST ! --dst-type local; -m addrtype --src-type UNICAST,LOCAL ! --dst-type LOCAL; OK
-m addrtype --src-type LOCAL --limit-iface-in; =; OK
-m addrtype --src-type XRESOLVE,THROW,NAT,PROHIBIT,BLACKHOLE; -m addrtype --src-type BLACKHOLE,PROHIBIT,THROW,NAT,XRESOLVE; OK
-m addrtype --src-type LOCAL --limit-iface-out; =; OK
-6 -m addrtype --dst-type LOCAL,MULTICAST,UNREACHABLE,BLACKHOLE,PROHIBIT; addrtype: ipv6 BLACKHOLE matching is not supported; FAIL
-m addrtype --src-type ""; addrtype: bad type ""; FAIL
-m addrtype --src-type UNREACHABLE; =; OK
-6 -m addrtype --src-type UNREACHABLE; =; OK
-6 -m addrtype --src-type ANYCAST,MULTICAST; =; OK
:INPUT
-m addrtype --src-type LOCAL --limit-iface-out; addrtype: output interface limitation not valid in PREROUTING and INPUT; FAIL
:OUTPUT
-m addrtype --src-type LOCAL --limit-iface-in; addrtype: input interface limitation not valid in POSTROUTING and OUTPUT; FAIL
:USER
-m addrtype --src-type LOCAL --limit-iface-in; =; OK
# does it fit, and why
:FORWARD
? local=10.0.0.2; -m addrtype --dst-type LOCAL; YES destination 10.0.0.2 is LOCAL
? local=10.0.0.2; -m addrtype ! --dst-type LOCAL; NO destination 10.0.0.2 is LOCAL
? local=10.0.0.2; -m addrtype --src-type LOCAL; NO source 10.0.0.1 is UNICAST, not LOCAL
? to=224.0.0.1; -m addrtype --dst-type MULTICAST,BROADCAST --src-type UNICAST; YES source 10.0.0.1 is UNICAST, destination 224.0.0.1 is MULTICAST
? local=10.0.0.2 in=eth0; -m addrtype --dst-type LOCAL --limit-iface-in; YES destination 10.0.0.2 is LOCAL on eth0
