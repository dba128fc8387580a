# CONNSECMARK: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:FORWARD
-j CONNSECMARK --save --restore; option "--save" cannot be used together with "--restore"; FAIL
-j CONNSECMARK --save; =; OK
*security
:FORWARD
-j CONNSECMARK --save; =; OK
*filter
:FORWARD
-j CONNSECMARK --save; CONNSECMARK target is only valid in table mangle, security, not filter; FAIL
