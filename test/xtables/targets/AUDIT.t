# AUDIT: each line was asked of iptables 1.8.9, which took or refused it so
*filter
:FORWARD
-j AUDIT --type reject; =; OK
-j AUDIT --type ACCEPT; -j AUDIT --type accept; OK
-j AUDIT --type acc; bad action type "acc" for option "--type"; FAIL
