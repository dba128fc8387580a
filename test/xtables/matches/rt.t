# rt: each line was asked of iptables 1.8.9, which took or refused it so
-6 -m rt --rt-type 0 --rt-segsleft 1:2 --rt-len 5 --rt-0-res --rt-0-addrs ::1,::2 --rt-0-not-strict; =; OK
-6 -m rt --rt-type 0 --rt-0-addrs ::1; =; OK
-6 -m rt --rt-0-addrs ::1; rt: `--rt-type 0' required before `--rt-0-addrs'; FAIL
-6 -m rt --rt-type 1 --rt-0-addrs ::1; rt: `--rt-type 0' required before `--rt-0-addrs'; FAIL
-6 -m rt --rt-type 0 --rt-0-not-strict; rt: `--rt-0-addr ...' required before `--rt-0-not-strict'; FAIL
-6 -m rt --rt-segsleft 5:3; =; OK
-6 -m rt --rt-type 0 --rt-0-addrs ::1,,::2; rt: host/network `' not found; FAIL
-6 -m rt ! --rt-type 0 --rt-0-addrs ::1; rt: `--rt-type 0' required before `--rt-0-addrs'; FAIL
-6 -m rt --rt-type 0 --rt-0-addrs 1.2.3.4; rt: host/network `1.2.3.4' not found; FAIL
-6 -p ipv6-route -m rt; =; OK
# does it fit, and why
? ; -6 -m rt --rt-type 0; NO it has no routing header
