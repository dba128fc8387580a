# icmp: each line was asked of iptables 1.8.9, which took or refused it so
-p icmp -m icmp --icmp-type 8; =; OK
-p icmp -m icmp --icmp-type ping; -p icmp -m icmp --icmp-type 8; OK
-p icmp -m icmp --icmp-type 3/4; =; OK
-p icmp -m icmp ! --icmp-type network-unreachable; -p icmp -m icmp ! --icmp-type 3/0; OK
-p icmp -m icmp --icmp-type any; =; OK
-p icmp -m icmp --icmp-type 255; -p icmp -m icmp --icmp-type any; OK
-p icmp -m icmp --icmp-type 256; icmp: Unknown ICMP type `256'; FAIL
-p icmp -m icmp --icmp-type 3/1:4; -p icmp -m icmp --icmp-type 3/1; OK
-p icmp -m icmp --icmp-type host-unr; -p icmp -m icmp --icmp-type 3/1; OK
-p icmp -m icmp --icmp-type echo-re; icmp: Ambiguous ICMP type `echo-re': `echo-reply' or `echo-request'?; FAIL
-p icmp -m icmp; icmp: option "--icmp-type" must be specified; FAIL
-p icmp --icmp-type ttl-exceeded; -p icmp -m icmp --icmp-type 11; OK
-p icmp --icmp-type Echo-Request; -p icmp -m icmp --icmp-type 8; OK
-p icmp -m icmp --icmp-type 3:4/0; icmp: Unknown ICMP type `3:4/0'; FAIL
-m icmp --icmp-type 8; icmp match requires '-p icmp'; FAIL
-p icmp --icmp-type 255/3; -p icmp -m icmp --icmp-type any; OK
! -p icmp -m icmp --icmp-type 8; icmp match requires '-p icmp'; FAIL
-p icmp ! --icmp-type any; -p icmp -m icmp ! --icmp-type any; OK
-p icmp --icmp-type ""; icmp: Ambiguous ICMP type `': `any' or `echo-reply'?; FAIL
-p icmp --icmp-type 3/; icmp: Unknown ICMP code `3/'; FAIL
-p icmp --icmp-type 3/0:255; -p icmp -m icmp --icmp-type 3; OK
-p icmp --icmp-type 0x8; -p icmp -m icmp --icmp-type 8; OK
-6 -m icmp --icmp-type 8; Couldn't load match `icmp': there is none for ipv6; FAIL
-6 -p icmp --icmp-type 8; unknown option "--icmp-type"; FAIL
# does it fit, and why
? icmp icmp-type=3/4; -p icmp -m icmp --icmp-type fragmentation-needed; YES ICMP type 3/4 is 3/4
? icmp icmp-type=3/3; -p icmp -m icmp --icmp-type 3/4; NO ICMP type 3/3 is not 3/4
? icmp icmp-type=3/3; -p icmp -m icmp --icmp-type 3; YES ICMP type 3/3 is 3
? icmp icmp-type=8/0; -p icmp -m icmp ! --icmp-type 8; NO ICMP type 8/0 is 8
? icmp icmp-type=13/0; -p icmp -m icmp --icmp-type any; YES ICMP type 13/0 is any
