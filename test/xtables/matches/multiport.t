# multiport: each line was asked of iptables 1.8.9, which took or refused it so
-p tcp -m multiport --dports 1,2:3,http; -p tcp -m multiport --dports 1,2:3,80; OK
-p tcp -m multiport ! --sports 1,65535; =; OK
-p tcp -m multiport --ports 1:65535; =; OK
-p 6 -m multiport --source-ports 1,2; -p tcp -m multiport --sports 1,2; OK
-p udp -m multiport --destination-port 1; -p udp -m multiport --dports 1; OK
-p tcp -m multiport --dports 16 -m multiport --destination-port 1; -p tcp -m multiport --dports 16 -m multiport --dports 1; OK
-p tcp -m multiport --dport 1; -p tcp -m multiport --dports 1; OK
-m multiport --dports 1; multiport: needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'; FAIL
-p icmp -m multiport --dports 1; multiport: only works with TCP, UDP, UDPLITE, SCTP and DCCP; FAIL
-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16; multiport: too many ports specified; FAIL
-p tcp -m multiport --dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15; =; OK
-p tcp -m multiport --dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15:16; multiport: too many ports specified; FAIL
-p tcp -m multiport --dports 3:1; multiport: invalid portrange specified; FAIL
-p tcp -m multiport --dports 1:1; multiport: invalid portrange specified; FAIL
-p tcp -m multiport --dports :5; multiport: invalid port/service `' specified; FAIL
-p tcp -m multiport --dports 5:; multiport: invalid port/service `' specified; FAIL
-p tcp -m multiport --dports 1,,2; multiport: invalid port/service `' specified; FAIL
-p tcp -m multiport --dports 1 --sports 2; multiport: only one of --source-ports, --destination-ports and --ports may be given; FAIL
! -p tcp -m multiport --dports 1; multiport: only works with TCP, UDP, UDPLITE, SCTP and DCCP; FAIL
-p tcp -m multiport; multiport: expects an option; FAIL
-p tcp --dport 5 -m multiport --dports 6; -p tcp -m tcp --dport 5 -m multiport --dports 6; OK
-p tcp -m multiport --dports 6 --sport 4; multiport: only one of --source-ports, --destination-ports and --ports may be given; FAIL
-6 -p tcp -m multiport --dports 1; =; OK
-p udplite -m multiport --dports 5; =; OK
-p udp -m multiport --dports domain,53; -p udp -m multiport --dports 53,53; OK
-p tcp -m multiport --dports 0x10; -p tcp -m multiport --dports 16; OK
-m multiport -p tcp --dports 80; -p tcp -m multiport --dports 80; OK
# does it fit, and why
? dport=443; -p tcp -m multiport --dports 80,443; YES dport 443 is in 80,443
? dport=444; -p tcp -m multiport --dports 80,440:443; NO dport 444 is not in 80,440:443
? dport=444; -p tcp -m multiport ! --dports 80,440:443; YES dport 444 is not in 80,440:443
? sport=80 dport=5; -p tcp -m multiport --ports 80; YES sport 80 or dport 5 is in 80
? sport=81 dport=5; -p tcp -m multiport --sports 80; NO sport 81 is not in 80
? frag=100; -p tcp -m multiport ! --sports 80; NO its ports cannot be seen
