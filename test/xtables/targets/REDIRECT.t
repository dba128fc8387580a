# REDIRECT: each line was asked of iptables 1.8.9, which took or refused it so
*nat
:PREROUTING
-j REDIRECT; =; OK
-p tcp -j REDIRECT --to-port 80; -p tcp -j REDIRECT --to-ports 80; OK
-p tcp -j REDIRECT --to-ports 80-70; port range 80-70 runs backwards; FAIL
-p tcp -j REDIRECT --to-ports 80/70; garbage after the port: "/70"; FAIL
-p tcp -j REDIRECT --to-ports 80-90/80; a shifted port range is not possible here; FAIL
-p tcp -j REDIRECT --to-ports 80 --random-fully; unknown option "--random-fully"; FAIL
-p tcp -j REDIRECT --to-ports 080; garbage after the port: "80"; FAIL
-p tcp -j REDIRECT --to-ports 65536; port "65536" is not valid; FAIL
*nat
:POSTROUTING
-p tcp -j REDIRECT --to-ports 80; REDIRECT target may be used from PREROUTING, OUTPUT only, not POSTROUTING; FAIL
