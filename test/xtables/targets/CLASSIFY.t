# CLASSIFY: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:POSTROUTING
-j CLASSIFY --set-class 1:10; -j CLASSIFY --set-class 0001:0010; OK
-j CLASSIFY --set-class 0001:0010; =; OK
-j CLASSIFY --set-class ffff:ffff; =; OK
-j CLASSIFY --set-class 10000:1; -j CLASSIFY --set-class 0000:0001; OK
-j CLASSIFY --set-class 1:; bad class value "1:"; FAIL
-j CLASSIFY --set-class 1; bad class value "1"; FAIL
-j CLASSIFY --set-class 0x1:0x10; -j CLASSIFY --set-class 0001:0010; OK
-j CLASSIFY; option "--set-class" must be specified; FAIL
-j CLASSIFY --set-class :10; bad class value ":10"; FAIL
-j CLASSIFY --set-class 1:10x; -j CLASSIFY --set-class 0001:0010; OK
-j CLASSIFY --set-class 1:10:3; -j CLASSIFY --set-class 0001:0010; OK
-j CLASSIFY --set-class g:10; bad class value "g:10"; FAIL
-j CLASSIFY --set-class 1ffff:10; -j CLASSIFY --set-class ffff:0010; OK
*mangle
:PREROUTING
-j CLASSIFY --set-class 1:10; CLASSIFY target may be used from FORWARD, OUTPUT, POSTROUTING only, not PREROUTING; FAIL
*filter
:FORWARD
-j CLASSIFY --set-class 1:10; -j CLASSIFY --set-class 0001:0010; OK
*filter
:INPUT
-j CLASSIFY --set-class 1:10; CLASSIFY target may be used from FORWARD, OUTPUT, POSTROUTING only, not INPUT; FAIL
