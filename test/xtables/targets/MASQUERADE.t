# MASQUERADE: each line was asked of iptables 1.8.9, which took or refused it so
*nat
:POSTROUTING
-j MASQUERADE --random-fully --random; -j MASQUERADE --random --random-fully; OK
-p tcp -j MASQUERADE --random-fully --random --to-ports 10-20; -p tcp -j MASQUERADE --to-ports 10-20 --random --random-fully; OK
-j MASQUERADE --to-ports 10; ports need -p tcp, udp, sctp or dccp; FAIL
-p tcp -j MASQUERADE --to-ports 20-10; port range 20-10 runs backwards; FAIL
-p tcp -j MASQUERADE --to-ports 20-20; -p tcp -j MASQUERADE --to-ports 20; OK
-p tcp -j MASQUERADE --to-ports 0; =; OK
-p tcp -j MASQUERADE --to-ports http; -p tcp -j MASQUERADE --to-ports 80; OK
-p tcp -j MASQUERADE --to-ports http-https; port "http-https" is not valid; FAIL
-p tcp -j MASQUERADE --to-ports 10-20/30; -p tcp -j MASQUERADE --to-ports 10-20/0; ONCE
-p tcp -j MASQUERADE --to-ports 10:20; ports "10:20" are written with a dash, not a colon; FAIL
-p tcp -j MASQUERADE --to-ports ""; port "" is not valid; FAIL
-j MASQUERADE --persistent; unknown option "--persistent"; FAIL
-6 -p tcp -j MASQUERADE --to-ports 10-20 --random; =; OK
*nat
:PREROUTING
-j MASQUERADE; MASQUERADE target may be used from POSTROUTING only, not PREROUTING; FAIL
