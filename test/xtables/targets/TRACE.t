# TRACE: each line was asked of iptables 1.8.9, which took or refused it so
*raw
:PREROUTING
-j TRACE; =; OK
*filter
:FORWARD
-j TRACE; TRACE target is only valid in table raw, not filter; FAIL
*nat
:PREROUTING
-j TRACE; TRACE target is only valid in table raw, not nat; FAIL
