# NOTRACK: each line was asked of iptables 1.8.9, which took or refused it so
*raw
:PREROUTING
-j NOTRACK --zone 1; unknown option "--zone"; FAIL
*raw
:OUTPUT
-j NOTRACK; =; OK
*filter
:OUTPUT
-j NOTRACK; NOTRACK target is only valid in table raw, not filter; FAIL
