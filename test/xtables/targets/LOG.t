# LOG: each line was asked of iptables 1.8.9, which took or refused it so
*filter
:FORWARD
-j LOG; =; OK
-j LOG --log-level 4; -j LOG; OK
-j LOG --log-level warning; -j LOG; OK
-j LOG --log-level warn; log level "warn" unknown; FAIL
-j LOG --log-level info; -j LOG --log-level 6; OK
-j LOG --log-level INFO; log level "INFO" unknown; FAIL
-j LOG --log-level debug; -j LOG --log-level 7; OK
-j LOG --log-level err; log level "err" unknown; FAIL
-j LOG --log-level error; -j LOG --log-level 3; OK
-j LOG --log-level emerg; -j LOG --log-level 0; OK
-j LOG --log-level panic; -j LOG --log-level 0; OK
-j LOG --log-level alert; -j LOG --log-level 1; OK
-j LOG --log-level crit; -j LOG --log-level 2; OK
-j LOG --log-level notice; -j LOG --log-level 5; OK
-j LOG --log-level not; log level "not" unknown; FAIL
-j LOG --log-level e; log level "e" unknown; FAIL
-j LOG --log-level 8; log level "8" unknown; FAIL
-j LOG --log-level 7; =; OK
-j LOG --log-level 0; =; OK
-j LOG --log-level 0x3; -j LOG --log-level 3; OK
-j LOG --log-level -1; log level "-1" unknown; FAIL
-j LOG --log-level ""; log level "" unknown; FAIL
-j LOG --log-prefix test; =; OK
-j LOG --log-prefix "a b"; =; OK
-j LOG --log-prefix "a\"b\\c"; =; OK
-j LOG --log-prefix "a'b"; -j LOG --log-prefix "a\'b"; OK
-j LOG --log-prefix ""; the text after "--log-prefix" is empty; FAIL
-j LOG --log-prefix aaaaaaaaaaaaaaaaaaaaaaaaaaaaa; =; OK
-j LOG --log-prefix aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; -j LOG --log-prefix aaaaaaaaaaaaaaaaaaaaaaaaaaaaa; OK
-j LOG --log-prefix a=b; -j LOG --log-prefix "a=b"; OK
-j LOG --log-prefix [x]:; -j LOG --log-prefix "[x]:"; OK
-j LOG --log-macdecode --log-uid --log-ip-options --log-tcp-options --log-tcp-sequence --log-level 3 --log-prefix z; -j LOG --log-prefix z --log-level 3 --log-tcp-sequence --log-tcp-options --log-ip-options --log-uid --log-macdecode; OK
-j LOG --log-uid; =; OK
-j LOG --log-prefix a --log-prefix b; option "--log-prefix" can only be used once.; FAIL
-j LOG ! --log-prefix a; option "--log-prefix" cannot be inverted.; FAIL
-j LOG --log-prefix "a\nb"; -j LOG --log-prefix anb; OK
*nat
:PREROUTING
-j LOG; =; OK
