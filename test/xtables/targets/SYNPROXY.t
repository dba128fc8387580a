# SYNPROXY: each line was asked of iptables 1.8.9, which took or refused it so
*filter
:FORWARD
-p tcp -j SYNPROXY; =; OK
-p tcp -j SYNPROXY --sack-perm --timestamp --wscale 9 --mss 1460; =; OK
-p tcp -j SYNPROXY --ecn --mss 1460; -p tcp -j SYNPROXY --mss 1460 --ecn; OK
-p tcp -j SYNPROXY --wscale 15; =; OK
-p tcp -j SYNPROXY --wscale 14; =; OK
-p tcp -j SYNPROXY --mss 0; =; OK
-p tcp -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --mss 1460; =; OK
-p tcp -j SYNPROXY --wscale 255; =; OK
-p tcp -j SYNPROXY --wscale 256; -p tcp -j SYNPROXY --wscale 0; OK
-p tcp -j SYNPROXY --mss 65535; =; OK
-p tcp -j SYNPROXY --mss 65536; -p tcp -j SYNPROXY --mss 0; OK
! -p tcp -j SYNPROXY --mss 65535; SYNPROXY target requires '-p tcp'; FAIL
*filter
:OUTPUT
-p tcp -j SYNPROXY --mss 0; SYNPROXY target may be used from INPUT, FORWARD only, not OUTPUT; FAIL
*raw
:PREROUTING
-p tcp -j SYNPROXY --mss 0; SYNPROXY target may be used from INPUT, FORWARD only, not PREROUTING; FAIL
