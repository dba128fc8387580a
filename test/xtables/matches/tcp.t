# tcp: each line was asked of iptables 1.8.9, which took or refused it so
-p tcp -m tcp --tcp-flags ALL NONE; -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE; OK
-p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK; =; OK
-p tcp -m tcp ! --tcp-flags SYN,RST NONE --tcp-option 5; -p tcp -m tcp --tcp-option 5 ! --tcp-flags SYN,RST NONE; OK
-p tcp -m tcp ! --tcp-option 0x5; -p tcp -m tcp ! --tcp-option 5; OK
-p tcp -m tcp ! --syn; -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN; OK
-p tcp -m tcp --tcp-flags syn,FIN syn; -p tcp -m tcp --tcp-flags FIN,SYN SYN; OK
-p tcp -m tcp --tcp-flags SYN; tcp: --tcp-flags requires two args.; FAIL
-p tcp -m tcp --tcp-flags SYN FOO; tcp: Unknown TCP flag `FOO'; FAIL
-p tcp -m tcp --tcp-flags SYN,SYN SYN; -p tcp -m tcp --tcp-flags SYN SYN; OK
-p tcp -m tcp --tcp-flags NONE NONE; -p tcp -m tcp; OK
-p tcp -m tcp --tcp-flags SYN RST; =; OK
-p tcp -m tcp --tcp-option 0; tcp: Bad TCP option "0"; FAIL
-p tcp -m tcp --syn --tcp-flags ALL ALL; tcp: option "--tcp-flags" can only be used once.; FAIL
-p tcp -m tcp -m multiport --dport 5; multiport: expects an option; FAIL
-p tcp -m tcp --tcp-flags "" ""; -p tcp -m tcp; OK
-p tcp --tcp-flags ALL SYN,,; -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG SYN; OK
-m tcp; tcp match requires '-p tcp'; FAIL
! -p tcp -m tcp; tcp match requires '-p tcp'; FAIL
! -p tcp --dport 5; tcp match requires '-p tcp'; FAIL
-p tcp --dport 80 --sport 90 -m tcp --dport 70; -p tcp -m tcp --sport 90 --dport 80 -m tcp --dport 70; OK
--destination-port 80 -p tcp; unknown option "--destination-port"; FAIL
-6 -i eth0 -p tcp --dport 80; -i eth0 -p tcp -m tcp --dport 80; OK
# does it fit, and why
? sport=1025 dport=443; -p tcp -m tcp --dport 443; YES dport 443 is 443
? dport=80; -p tcp -m tcp --dport 443; NO dport 80 is not 443
? dport=80; -p tcp -m tcp ! --dport 443; YES dport 80 is not 443
? sport=2000; -p tcp -m tcp --sport 1024:65535 ! --dport 81; YES sport 2000 is in 1024:65535, dport 80 is not 81
? frag=1480; -p tcp -m tcp ! --dport 443; NO it is a second or further fragment, its ports cannot be seen
? flags=SYN; -p tcp -m tcp --syn; YES of FIN,SYN,RST,ACK SYN is set, which is SYN
? flags=SYN,ACK; -p tcp -m tcp --syn; NO of FIN,SYN,RST,ACK SYN,ACK is set, which is not SYN
? flags=SYN,ACK; -p tcp -m tcp ! --syn; YES of FIN,SYN,RST,ACK SYN,ACK is set, which is not SYN
? flags=ACK,PSH; -p tcp -m tcp --tcp-flags SYN,ACK,PSH ACK; NO of SYN,PSH,ACK PSH,ACK is set, which is not ACK
? flags=; -p tcp -m tcp --tcp-flags ALL NONE; YES of FIN,SYN,RST,PSH,ACK,URG no flag is set, which is NONE
? flags=ECE,CWR; -p tcp -m tcp --tcp-flags ALL NONE; YES of FIN,SYN,RST,PSH,ACK,URG no flag is set, which is NONE
? ; -p tcp -m tcp --tcp-option 2; UNKNOWN TCP option 2 is not told
