# dscp: each line was asked of iptables 1.8.9, which took or refused it so
-m dscp --dscp 0x10; =; OK
-m dscp ! --dscp-class AF11; -m dscp ! --dscp 0x0a; OK
-m dscp --dscp-class EF; -m dscp --dscp 0x2e; OK
-m dscp --dscp 64; dscp: bad value for option "--dscp", or out of range (0-63).; FAIL
-m dscp --dscp-class cs7; -m dscp --dscp 0x38; OK
-m dscp --dscp-class af44; dscp: Invalid DSCP value `af44'; FAIL
-m dscp --dscp EF; dscp: bad value for option "--dscp", or out of range (0-63).; FAIL
-m dscp; dscp: option "--dscp" must be specified; FAIL
# does it fit, and why
? tos=184; -m dscp --dscp-class EF; YES dscp 0x2e is 0x2e
? tos=184; -m dscp ! --dscp 0x2e; NO dscp 0x2e is 0x2e
