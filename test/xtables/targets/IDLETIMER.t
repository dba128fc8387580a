# IDLETIMER: each line was asked of iptables 1.8.9, which took or refused it so
*filter
:FORWARD
-j IDLETIMER --timeout 42; option "--label" must be specified; FAIL
-j IDLETIMER --label foo; option "--timeout" must be specified; FAIL
-j IDLETIMER --timeout 0 --label foo; bad value for option "--timeout", or out of range (1-2147482); FAIL
-j IDLETIMER --timeout 5 --label aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; -j IDLETIMER --timeout 5 --label aaaaaaaaaaaaaaaaaaaaaaaaaaa; OK
-j IDLETIMER --timeout 5 --label aaaaaaaaaaaaaaaaaaaaaaaaaaa; =; OK
-j IDLETIMER --timeout 5 --label aaaaaaaaaaaaaaaaaaaaaaaaaaaa; -j IDLETIMER --timeout 5 --label aaaaaaaaaaaaaaaaaaaaaaaaaaa; OK
-j IDLETIMER --label foo2 --alarm --timeout 5; -j IDLETIMER --timeout 5 --label foo2 --alarm; OK
-j IDLETIMER --label foo3 --timeout 4294967295; bad value for option "--timeout", or out of range (1-2147482); FAIL
-j IDLETIMER --label foo4 --timeout 2000000; -j IDLETIMER --timeout 2000000 --label foo4; OK
-j IDLETIMER --label "a b" --timeout 2000; -j IDLETIMER --timeout 2000 --label a b; ONCE
-j IDLETIMER --timeout 2147483 --label q1; bad value for option "--timeout", or out of range (1-2147482); FAIL
-j IDLETIMER --timeout 2147484 --label q2; bad value for option "--timeout", or out of range (1-2147482); FAIL
-j IDLETIMER --timeout 2147482 --label q3; =; OK
-j IDLETIMER --timeout 5 --label "q\"4"; -j IDLETIMER --timeout 5 --label q"4; ONCE
-j IDLETIMER --timeout 5 --label ""; --label must not be empty; FAIL
