# NFLOG: each line was asked of iptables 1.8.9, which took or refused it so
*filter
:FORWARD
-j NFLOG; =; OK
-j NFLOG --nflog-prefix "a b" --nflog-group 3 --nflog-threshold 5 --nflog-size 64; -j NFLOG --nflog-prefix "a b" --nflog-group 3 --nflog-size 64 --nflog-threshold 5; OK
-j NFLOG --nflog-range 10 --nflog-size 20; option "--nflog-range" cannot be used together with "--nflog-size"; FAIL
-j NFLOG --nflog-range 0; -j NFLOG; OK
-j NFLOG --nflog-threshold 0; -j NFLOG; OK
-j NFLOG --nflog-threshold 1; =; OK
-j NFLOG --nflog-prefix ""; the text after "--nflog-prefix" is empty; FAIL
-j NFLOG --nflog-group 0x5; -j NFLOG --nflog-group 5; OK
