# dccp: each line was asked of iptables 1.8.9, which took or refused it so
-p dccp -m dccp --sport 1:2 ! --dport 3 --dccp-types REQUEST,RESPONSE,DATA,ACK,DATAACK,CLOSEREQ,CLOSE,RESET,SYNC,SYNCACK,INVALID --dccp-option 5; =; OK
-p dccp -m dccp ! --dccp-types RESET; =; OK
-p dccp -m dccp; =; OK
-p dccp -m dccp --dport 65536; -p dccp -m dccp --dport 0; OK
-p dccp -m dccp --dport 4:3; =; OK
# does it fit, and why
? dccp dport=5; -p dccp -m dccp ! --dport 5; NO dport 5 is 5
