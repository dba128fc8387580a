# REJECT: each line was asked of iptables 1.8.9, which took or refused it so
*filter
:FORWARD
-j REJECT --reject-with icmp-net-prohibited; =; OK
-j REJECT --reject-with icmp-host-unr; -j REJECT --reject-with icmp-host-unreachable; OK
-j REJECT --reject-with icmp-host; -j REJECT --reject-with icmp-host-unreachable; OK
-j REJECT --reject-with icmp-p; -j REJECT --reject-with icmp-proto-unreachable; OK
-j REJECT --reject-with net-unreach; -j REJECT --reject-with icmp-net-unreachable; OK
-j REJECT --reject-with admin-prohib; -j REJECT --reject-with icmp-admin-prohibited; OK
-j REJECT --reject-with echo-reply; unknown reject type "echo-reply"; FAIL
-j REJECT --reject-with bogus; unknown reject type "bogus"; FAIL
-j REJECT --reject-with ""; -j REJECT --reject-with icmp-net-unreachable; OK
-p tcp -j REJECT --reject-with tcp-rst; -p tcp -j REJECT --reject-with tcp-reset; OK
-p 6 -j REJECT --reject-with tcp-reset; -p tcp -j REJECT --reject-with tcp-reset; OK
! -p tcp -j REJECT --reject-with tcp-reset; tcp-reset needs -p tcp; FAIL
-p udp -j REJECT --reject-with tcp-reset; tcp-reset needs -p tcp; FAIL
-j REJECT --reject-with ICMP-PORT-UNREACHABLE; -j REJECT --reject-with icmp-port-unreachable; OK
-j REJECT ! --reject-with icmp-port-unreachable; option "--reject-with" cannot be inverted.; FAIL
-j REJECT --reject-with icmp-net-unreachable --reject-with icmp-host-unreachable; option "--reject-with" can only be used once.; FAIL
-6 -j REJECT; -j REJECT --reject-with icmp6-port-unreachable; OK
-6 -j REJECT --reject-with no-route; -j REJECT --reject-with icmp6-no-route; OK
-6 -j REJECT --reject-with adm-prohibited; -j REJECT --reject-with icmp6-adm-prohibited; OK
-6 -j REJECT --reject-with addr-unreach; -j REJECT --reject-with icmp6-addr-unreachable; OK
-6 -j REJECT --reject-with port-unreach; -j REJECT --reject-with icmp6-port-unreachable; OK
-6 -j REJECT --reject-with policy-fail; -j REJECT --reject-with icmp6-policy-fail; OK
-6 -j REJECT --reject-with reject-route; -j REJECT --reject-with icmp6-reject-route; OK
-6 -p tcp -j REJECT --reject-with tcp-rst; unknown reject type "tcp-rst"; FAIL
-6 -j REJECT --reject-with icmp6-not-neighbour; unknown reject type "icmp6-not-neighbour"; FAIL
-6 -j REJECT --reject-with icmp6-beyond-scope; unknown reject type "icmp6-beyond-scope"; FAIL
-6 -j REJECT --reject-with icmp-port-unreachable; unknown reject type "icmp-port-unreachable"; FAIL
-6 -j REJECT --reject-with icmp6-; -j REJECT --reject-with icmp6-no-route; OK
*mangle
:FORWARD
-j REJECT; REJECT target is only valid in table filter, not mangle; FAIL
*nat
:OUTPUT
-j REJECT; REJECT target is only valid in table filter, not nat; FAIL
*security
:FORWARD
-j REJECT; REJECT target is only valid in table filter, not security; FAIL
*raw
:OUTPUT
-j REJECT; REJECT target is only valid in table filter, not raw; FAIL
