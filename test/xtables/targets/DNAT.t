# DNAT: each line was asked of iptables 1.8.9, which took or refused it so
*nat
:PREROUTING
-p tcp -j DNAT --to 1.1.1.1; -p tcp -j DNAT --to-destination 1.1.1.1; OK
-p tcp -j DNAT --to-destination 1.1.1.1:80; =; OK
-p tcp -j DNAT --to-destination :80; =; OK
-p tcp -j DNAT --to-destination 1.1.1.1:; port "" is not valid; FAIL
-p tcp -j DNAT --to-destination 1.1.1.1-1.1.1.1; -p tcp -j DNAT --to-destination 1.1.1.1; OK
-p tcp -j DNAT --to-destination 1.1.1.9-1.1.1.1; =; OK
-p tcp -j DNAT --to-destination 1.1.1.1-; bad IP address ""; FAIL
-p tcp -j DNAT --to-destination 1.1.1.1:80-80; -p tcp -j DNAT --to-destination 1.1.1.1:80; OK
-p tcp -j DNAT --to-destination 1.1.1.1:80-70; port range 80-70 runs backwards; FAIL
-p tcp -j DNAT --to-destination 1.1.1.1:80-90/80; =; OK
-p tcp -j DNAT --to-destination 1.1.1.1:80/80; garbage after the port: "/80"; FAIL
-p tcp -j DNAT --to-destination 1.1.1.1:0; =; OK
-p tcp -j DNAT --to-destination 1.1.1.1:0-10; =; OK
-p tcp -j DNAT --to-destination 1.1.1.1:0x50; -p tcp -j DNAT --to-destination 1.1.1.1:80; OK
-p tcp -j DNAT --to-destination 1.1.1.1:080; garbage after the port: "80"; FAIL
-p tcp -j DNAT --to-destination :http; -p tcp -j DNAT --to-destination :80; OK
-p tcp -j DNAT --to-destination 1.1.1.1:http-90; port "http-90" is not valid; FAIL
-p tcp -j DNAT --to-destination 1.1.1.1:80-https; port "https" is not valid; FAIL
-p tcp -j DNAT --to-destination 1.1.1.1:10-20/nosuch; base port "nosuch" is not valid; FAIL
-p tcp -j DNAT --to-destination 1.1.1; bad IP address "1.1.1"; FAIL
-p tcp -j DNAT --to-destination 1.1.1.1.1; bad IP address "1.1.1.1.1"; FAIL
-p tcp -j DNAT --to-destination ""; bad IP address ""; FAIL
-p tcp -j DNAT --to-destination :; port "" is not valid; FAIL
-p tcp -j DNAT --to-destination 1.1.1.1:80:90; ports "80:90" are written with a dash, not a colon; FAIL
-p tcp -j DNAT --to-destination 1.1.1.1/24; bad IP address "1.1.1.1/24"; FAIL
-p tcp -j DNAT ! --to-destination 1.1.1.1; option "--to-destination" cannot be inverted.; FAIL
-p icmp -j DNAT --to-destination 1.1.1.1:80; =; OK
! -p tcp -j DNAT --to-destination 1.1.1.1:80; =; OK
-p sctp -j DNAT --to-destination 1.1.1.1:80; =; OK
-p dccp -j DNAT --to-destination 1.1.1.1:80; =; OK
-p udplite -j DNAT --to-destination 1.1.1.1:80; ports need -p tcp, udp, sctp or dccp; FAIL
-p 6 -j DNAT --to-destination 1.1.1.1:80; -p tcp -j DNAT --to-destination 1.1.1.1:80; OK
-j DNAT --random; option "--to-destination" must be specified; FAIL
-j DNAT --to-destination 1.1.1.1 --random --persistent; =; OK
-j DNAT --persistent --random --to-destination 1.1.1.1; -j DNAT --to-destination 1.1.1.1 --random --persistent; OK
-j DNAT --to-destination 1.1.1.1 --random-fully; unknown option "--random-fully"; FAIL
-j DNAT --random --random --to-destination 1.1.1.1; option "--random" can only be used once.; FAIL
-j DNAT --to-destination 0.0.0.0; =; OK
-j DNAT --to-destination 255.255.255.255; =; OK
-j DNAT --to-destination dead::beef; ports ":beef" are written with a dash, not a colon; FAIL
-j DNAT --to-destination [1.1.1.1]; bad IP address "[1.1.1.1]"; FAIL
-p tcp -j DNAT --to-destination [1.1.1.1]:80; bad IP address "[1.1.1.1]"; FAIL
-p tcp -j DNAT --to-destination 1.1.1.1-2.2.2.2:80-90; =; OK
-6 -j DNAT --to-destination [dead::beef]; -j DNAT --to-destination dead::beef; OK
-6 -p tcp -j DNAT --to-destination dead::beef:80; =; OK
-6 -p tcp -j DNAT --to-destination [dead::beef]:80; =; OK
-6 -p tcp -j DNAT --to-destination :80; =; OK
-6 -p tcp -j DNAT --to-destination [dead::beef]-[dead::bef0]:80; ports ":bef0]:80" are written with a dash, not a colon; FAIL
-6 -p tcp -j DNAT --to-destination [dead::beef-dead::bef0]:80; =; OK
-6 -p tcp -j DNAT --to-destination [dead::bef0-dead::beef]; -p tcp -j DNAT --to-destination dead::bef0-dead::beef; OK
-6 -p tcp -j DNAT --to-destination [dead::beef; the bracket in "[dead::beef" is not closed; FAIL
-6 -p tcp -j DNAT --to-destination []:80; -p tcp -j DNAT --to-destination :80; OK
-6 -p tcp -j DNAT --to-destination [dead::beef]80; -p tcp -j DNAT --to-destination dead::beef; OK
-6 -p tcp -j DNAT --to-destination ::ffff:1.2.3.4; =; OK
-6 -p tcp -j DNAT --to-destination 1.2.3.4; bad IP address "1.2.3.4"; FAIL
-6 -p tcp -j DNAT --to-destination DEAD:0:0::BEEF; -p tcp -j DNAT --to-destination dead::beef; OK
-6 -p icmpv6 -j DNAT --to-destination [dead::beef]:80; ports need -p tcp, udp, sctp or dccp; FAIL
-6 -j DNAT --to-destination ::1; =; OK
-6 -j DNAT --to-destination ::; =; OK
-6 -p tcp -j DNAT --to-destination :80:; bad IP address ":80:"; FAIL
-6 -p tcp -j DNAT --to-destination ::80; =; OK
-6 -p tcp -j DNAT --to-destination [dead::beef]:; port "" is not valid; FAIL
-6 -p tcp -j DNAT --to-destination []; bad IP address "[]"; FAIL
-6 -p tcp -j DNAT --to-destination ""; bad IP address ""; FAIL
-p tcp -j DNAT --to-destination -1.1.1.1; bad IP address ""; FAIL
-p tcp -j DNAT --to-destination 0x1.1.1.1; bad IP address "0x1.1.1.1"; FAIL
-p tcp -j DNAT --to-destination 010.1.1.1; bad IP address "010.1.1.1"; FAIL
-p tcp -j DNAT --to-destination :80-90/100; =; OK
-p tcp -j DNAT --to-destination :80-90/; base port "" is not valid; FAIL
-p tcp -j DNAT --to-destination :80-; port "" is not valid; FAIL
-p tcp -j DNAT --to-destination :80-90x; garbage after the port range: "x"; FAIL
-p tcp -j DNAT --to-destination :80-90/9x; -p tcp -j DNAT --to-destination :80-90/9; OK
-p all -j DNAT --to-destination :80; ports need -p tcp, udp, sctp or dccp; FAIL
*nat
:POSTROUTING
-j DNAT --to-destination 1.1.1.1; DNAT target may be used from PREROUTING, OUTPUT only, not POSTROUTING; FAIL
*nat
:INPUT
-j DNAT --to-destination 1.1.1.1; DNAT target may be used from PREROUTING, OUTPUT only, not INPUT; FAIL
*filter
:FORWARD
-j DNAT --to-destination 1.1.1.1; DNAT target is only valid in table nat, not filter; FAIL
