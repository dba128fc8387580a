# nfacct: each line was asked of iptables 1.8.9, which took or refused it so
-m nfacct; nfacct: option "--nfacct-name" must be specified; FAIL
# does it fit, and why
? ; -m nfacct --nfacct-name x; YES counted under x
