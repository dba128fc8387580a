# SNAT: each line was asked of iptables 1.8.9, which took or refused it so
*nat
:POSTROUTING
-j SNAT --to-source 1.1.1.1 --random-fully; =; OK
-j SNAT --to-source 1.1.1.1 --random-fully --persistent --random; -j SNAT --to-source 1.1.1.1 --random --random-fully --persistent; OK
-p tcp -j SNAT --to-source :1024-2000; =; OK
-p tcp -j SNAT --to-source 1.1.1.1:1024-2000/1024; -p tcp -j SNAT --to-source 1.1.1.1:1024-2000/0; ONCE
-p tcp -j SNAT --to 1.1.1.1:1024; -p tcp -j SNAT --to-source 1.1.1.1:1024; OK
-j SNAT; option "--to-source" must be specified; FAIL
-p icmp -j SNAT --to-source 1.1.1.1:1-5; =; OK
*nat
:INPUT
-p tcp -j SNAT --to-source 1.1.1.1; =; OK
*nat
:OUTPUT
-p tcp -j SNAT --to-source 1.1.1.1; SNAT target may be used from INPUT, POSTROUTING only, not OUTPUT; FAIL
