# TPROXY: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:PREROUTING
-p tcp -j TPROXY --on-port 80; -p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0; OK
-p tcp -j TPROXY --on-port 80 --on-ip 127.0.0.1; -p tcp -j TPROXY --on-port 80 --on-ip 127.0.0.1 --tproxy-mark 0x0/0x0; OK
-p tcp -j TPROXY --on-port 80 --tproxy-mark 1; -p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x1/0xffffffff; OK
-p tcp -j TPROXY --on-port 80 --tproxy-mark 0x7/0x3; -p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x7/0x3; OK
-p tcp -j TPROXY --on-port 0; -p tcp -j TPROXY --on-port 0 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0; OK
-p tcp -j TPROXY; option "--on-port" must be specified; FAIL
-p tcp -j TPROXY --on-ip 127.0.0.1; option "--on-port" must be specified; FAIL
-j TPROXY --on-port 80; TPROXY target requires '-p tcp' or '-p udp'; FAIL
-p sctp -j TPROXY --on-port 80; TPROXY target requires '-p tcp' or '-p udp'; FAIL
! -p tcp -j TPROXY --on-port 80; TPROXY target requires '-p tcp' or '-p udp'; FAIL
-p tcp -j TPROXY --on-port http; -p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0; OK
-p tcp -j TPROXY --on-port 65536; -p tcp -j TPROXY --on-port 0 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0; OK
-6 -p tcp -j TPROXY --on-port 80; -p tcp -j TPROXY --on-port 80 --on-ip :: --tproxy-mark 0x0/0x0; OK
-6 -p tcp -j TPROXY --on-port 80 --on-ip ::1 --tproxy-mark 0x1/0x1; =; OK
-p tcp -j TPROXY --on-port 65537; -p tcp -j TPROXY --on-port 1 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0; OK
-p tcp -j TPROXY --on-port 70000; -p tcp -j TPROXY --on-port 4464 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0; OK
-p tcp -j TPROXY --on-port -1; port "-1" is not known; FAIL
-p tcp -j TPROXY --on-port 99999999999; -p tcp -j TPROXY --on-port 59391 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0; OK
-p tcp -j TPROXY --on-port nosuch; port "nosuch" is not known; FAIL
-p tcp -j TPROXY --on-port 0x50; port "0x50" is not known; FAIL
-p tcp -j TPROXY --on-port 80 --tproxy-mark 0x100000000; bad mark value for option "--tproxy-mark", or out of range; FAIL
*mangle
:OUTPUT
-p tcp -j TPROXY --on-port 80; TPROXY target may be used from PREROUTING only, not OUTPUT; FAIL
*nat
:PREROUTING
-p tcp -j TPROXY --on-port 80; TPROXY target is only valid in table mangle, not nat; FAIL
