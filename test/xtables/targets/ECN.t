# ECN: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:PREROUTING
-j ECN --ecn-tcp-remove; TCP bits need -p tcp; FAIL
-p udp -j ECN --ecn-tcp-remove; TCP bits need -p tcp; FAIL
-p tcp -j ECN --ecn-tcp-ece 1; =; OK
-p tcp -j ECN --ecn-tcp-cwr 0; =; OK
-p tcp -j ECN --ecn-tcp-cwr 1 --ecn-tcp-ece 0; -p tcp -j ECN --ecn-tcp-ece 0 --ecn-tcp-cwr 1; OK
-p tcp -j ECN --ecn-ip-ect 2; =; OK
-p tcp -j ECN --ecn-ip-ect 4; bad value for option "--ecn-ip-ect", or out of range (0-3); FAIL
-p tcp -j ECN --ecn-tcp-remove --ecn-tcp-cwr 0; option "--ecn-tcp-remove" cannot be used together with "--ecn-tcp-cwr"; FAIL
-p tcp -j ECN --ecn-tcp-remove --ecn-ip-ect 1; -p tcp -j ECN --ecn-tcp-ece 0 --ecn-tcp-cwr 0 --ecn-ip-ect 1; OK
-j ECN --ecn-ip-ect 1; =; OK
-p tcp -j ECN --ecn-tcp-cwr 2; bad value for option "--ecn-tcp-cwr", or out of range (0-1); FAIL
-p tcp -j ECN --ecn-tcp-ece 2; bad value for option "--ecn-tcp-ece", or out of range (0-1); FAIL
-j ECN --ecn-tcp-cwr 0; TCP bits need -p tcp; FAIL
! -p tcp -j ECN --ecn-tcp-cwr 0; TCP bits need -p tcp; FAIL
-p tcp -j ECN --ecn-ip-ect 0; =; OK
*filter
:FORWARD
-p tcp -j ECN --ecn-tcp-remove; ECN target is only valid in table mangle, not filter; FAIL
*mangle
:INPUT
-p tcp -j ECN --ecn-ip-ect 0; =; OK
