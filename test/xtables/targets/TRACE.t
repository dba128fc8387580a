# TRACE: each line was asked of iptables 1.8.9, which took or refused it so
*raw
:PREROUTING
-j TRACE; =; OK
*filter
:FORWARD
-j TRACE; =; OK
*nat
:PREROUTING
-j TRACE; =; OK
