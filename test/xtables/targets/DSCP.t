# DSCP: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:PREROUTING
-j DSCP; one of --set-dscp, --set-dscp-class is required; FAIL
-j DSCP --set-dscp 10; -j DSCP --set-dscp 0x0a; OK
-j DSCP --set-dscp 0xf; -j DSCP --set-dscp 0x0f; OK
-j DSCP --set-dscp 63; -j DSCP --set-dscp 0x3f; OK
-j DSCP --set-dscp-class af41; -j DSCP --set-dscp 0x22; OK
-j DSCP --set-dscp-class BE; -j DSCP --set-dscp 0x00; OK
-j DSCP --set-dscp-class AF44; "AF44" is no DSCP class; FAIL
-j DSCP --set-dscp-class CS8; "CS8" is no DSCP class; FAIL
-j DSCP --set-dscp-class VA; "VA" is no DSCP class; FAIL
-j DSCP --set-dscp 1 --set-dscp-class EF; option "--set-dscp" cannot be used together with "--set-dscp-class"; FAIL
-j DSCP --set-dscp ""; bad value for option "--set-dscp", or out of range (0-63); FAIL
*filter
:FORWARD
-j DSCP --set-dscp 10; DSCP target is only valid in table mangle, not filter; FAIL
