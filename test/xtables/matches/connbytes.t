# connbytes: each line was asked of iptables 1.8.9, which took or refused it so
-m connbytes --connbytes 100 --connbytes-dir both --connbytes-mode packets; -m connbytes --connbytes 100 --connbytes-mode packets --connbytes-dir both; OK
-m connbytes ! --connbytes 100:200 --connbytes-dir original --connbytes-mode bytes; -m connbytes ! --connbytes 100:200 --connbytes-mode bytes --connbytes-dir original; OK
-m connbytes --connbytes :200 --connbytes-dir reply --connbytes-mode avgpkt; -m connbytes --connbytes 0:200 --connbytes-mode avgpkt --connbytes-dir reply; OK
-m connbytes --connbytes 10:5 --connbytes-dir both --connbytes-mode packets; connbytes: 10 should be less than 5; FAIL
-m connbytes --connbytes 10 --connbytes-dir foo --connbytes-mode packets; connbytes: bad value "foo" for option "--connbytes-dir"; FAIL
-m connbytes --connbytes 10 --connbytes-mode packets; connbytes: option "--connbytes-dir" must be specified; FAIL
-m connbytes --connbytes : --connbytes-dir both --connbytes-mode packets; -m connbytes --connbytes 0 --connbytes-mode packets --connbytes-dir both; OK
-m connbytes --connbytes 100: --connbytes-dir both --connbytes-mode packets; -m connbytes --connbytes 100 --connbytes-mode packets --connbytes-dir both; OK
-m connbytes ! --connbytes 100 --connbytes-dir both --connbytes-mode packets; -m connbytes ! --connbytes 100 --connbytes-mode packets --connbytes-dir both; OK
-m connbytes ! --connbytes 0:100 --connbytes-dir both --connbytes-mode packets; -m connbytes ! --connbytes 0:100 --connbytes-mode packets --connbytes-dir both; OK
-m connbytes --connbytes 18446744073709551615 --connbytes-dir both --connbytes-mode packets; -m connbytes --connbytes 18446744073709551615 --connbytes-mode packets --connbytes-dir both; OK
-m connbytes --connbytes 5:5 --connbytes-dir both --connbytes-mode packets; -m connbytes --connbytes 5:5 --connbytes-mode packets --connbytes-dir both; OK
# does it fit, and why
? state=NEW sysctl=net.netfilter.nf_conntrack_acct:1; -m connbytes --connbytes 5 --connbytes-dir both --connbytes-mode packets; YES packets (both) 5 is in 5
? state=NEW sysctl=net.netfilter.nf_conntrack_acct:1; -m connbytes --connbytes 0:99 --connbytes-dir reply --connbytes-mode avgpkt; NO avgpkt (reply) 100 is not in 0:99
? state=NEW sysctl=net.netfilter.nf_conntrack_acct:0; -m connbytes --connbytes 0 --connbytes-dir both --connbytes-mode bytes; NO net.netfilter.nf_conntrack_acct is 0: connections are not counted
? ; -m connbytes ! --connbytes 5 --connbytes-dir both --connbytes-mode packets; NO it has no conntrack entry
