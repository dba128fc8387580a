# ecn: each line was asked of iptables 1.8.9, which took or refused it so
-p tcp -m ecn --ecn-tcp-cwr ! --ecn-tcp-ece --ecn-ip-ect 1; -p tcp -m ecn ! --ecn-tcp-ece --ecn-tcp-cwr --ecn-ip-ect 1; OK
-m ecn --ecn-ip-ect 4; ecn: bad value for option "--ecn-ip-ect", or out of range (0-3); FAIL
-m ecn ! --ecn-ip-ect 0; =; OK
-m ecn --ecn-tcp-cwr; ecn: cannot match TCP bits without '-p tcp'; FAIL
-m ecn; ecn: some option required; FAIL
-p tcp -m ecn --ecn-tcp-cwr --ecn-tcp-cwr; ecn: option "--ecn-tcp-cwr" can only be used once.; FAIL
# does it fit, and why
? tos=3; -m ecn --ecn-ip-ect 3; YES ECT 3 is 3
? flags=SYN,ECE; -p tcp -m ecn --ecn-tcp-ece ! --ecn-tcp-cwr; YES ECE is set, CWR is not set
? flags=SYN; -p tcp -m ecn --ecn-tcp-ece; NO ECE is not set
