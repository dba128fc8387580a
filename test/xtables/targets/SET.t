# SET: each line was asked of iptables 1.8.9, which took or refused it so
*filter
:FORWARD
-j SET; one of --add-set, --del-set, --map-set is required; FAIL
-j SET --add-set s4 src; =; OK
-j SET --add-set s4 src,dst; =; OK
-j SET --add-set s4p src,dst; =; OK
-j SET --add-set s4 src --exist; =; OK
-j SET --exist --add-set s4 src --timeout 60; -j SET --add-set s4 src --exist --timeout 60; OK
-j SET --add-set s4 src --timeout 0; =; OK
-j SET --add-set st src --timeout 60 --exist; -j SET --add-set st src --exist --timeout 60; OK
-j SET --add-set st src --timeout 4294967295; bad value for option "--timeout", or out of range (0-4294967294); FAIL
-j SET --del-set s4 src; =; OK
-j SET --del-set s4 src --exist; --exist and --timeout go with --add-set only; FAIL
-j SET --del-set s4 src --timeout 5; --exist and --timeout go with --add-set only; FAIL
-j SET --add-set s4 src --del-set st dst; =; OK
-j SET --add-set s4 src --add-set st dst; option "--add-set" can only be used once.; FAIL
-j SET --map-set sk src --map-mark; --map-set works in the mangle table only; FAIL
-j SET --add-set s4 bogus; "bogus" is neither src nor dst; FAIL
-j SET --add-set s4 src,dst,src,dst,src,dst,src; at most 6 of src and dst; FAIL
-j SET --add-set s4 src,dst,src,dst,src,dst; =; OK
-j SET --add-set s4; option "--add-set" requires 2 arguments; FAIL
-6 -j SET --add-set s6 src; =; OK
-j SET ! --add-set s4 src; -j SET --add-set s4 src; OK
-j SET --add-set aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa src; the set's name "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" is longer than 31 characters; FAIL
-j SET --exist; one of --add-set, --del-set, --map-set is required; FAIL
-j SET --add-set s4 SRC; "SRC" is neither src nor dst; FAIL
-j SET --add-set s4 src --timeout 5 --timeout 6; -j SET --add-set s4 src --timeout 6; OK
-j SET --map-mark --add-set s4 src; --map-mark, --map-prio and --map-queue go with --map-set only; FAIL
*mangle
:FORWARD
-j SET --map-set sk src --map-mark; =; OK
-j SET --map-set sk src --map-mark --map-prio --map-queue; =; OK
-j SET --map-set sk src; --map-set needs --map-mark, --map-prio or --map-queue; FAIL
-j SET --map-set sk src --add-set s4 src --map-mark; -j SET --add-set s4 src --map-set sk src --map-mark; OK
*mangle
:PREROUTING
-j SET --map-set sk src --map-prio; --map-prio and --map-queue work in FORWARD, OUTPUT and POSTROUTING only; FAIL
*nat
:PREROUTING
-j SET --add-set s4 src; =; OK
