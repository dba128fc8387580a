# pkttype: each line was asked of iptables 1.8.9, which took or refused it so
-m pkttype --pkt-type unicast; =; OK
-m pkttype ! --pkt-type bcast; -m pkttype ! --pkt-type broadcast; OK
-m pkttype --pkt-type mcast; -m pkttype --pkt-type multicast; OK
-m pkttype --pkt-type host; -m pkttype --pkt-type unicast; OK
-m pkttype --pkt-type otherhost; =; OK
-m pkttype --pkt-type outgoing; pkttype: Bad packet type 'outgoing'; FAIL
-m pkttype --pkt-type loopback; pkttype: Bad packet type 'loopback'; FAIL
-m pkttype --pkt-type none; pkttype: Bad packet type 'none'; FAIL
-m pkttype --pkt-type foo; pkttype: Bad packet type 'foo'; FAIL
-m pkttype --pkt-type HOST; -m pkttype --pkt-type unicast; OK
# does it fit, and why
? type=broadcast; -m pkttype --pkt-type broadcast; YES packet type broadcast is broadcast
? type=host; -m pkttype ! --pkt-type unicast; NO packet type host is unicast
? type=loopback to=224.0.0.1; -m pkttype --pkt-type multicast; YES packet type multicast is multicast
