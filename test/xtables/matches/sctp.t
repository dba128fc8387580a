# sctp: each line was asked of iptables 1.8.9, which took or refused it so
-p sctp -m sctp --sport 1:2 ! --dport 3 --chunk-types any DATA,INIT; =; OK
-p sctp -m sctp --chunk-types only DATA:iUbE,ABORT:t,SHUTDOWN_COMPLETE:T; =; OK
-p sctp -m sctp ! --chunk-types all NONE; =; OK
-p sctp -m sctp --chunk-types any ALL; =; OK
-p sctp -m sctp --chunk-types foo DATA; sctp: Match type has to be one of "ALL", "ANY" or "ONLY"; FAIL
-p sctp -m sctp --chunk-types any data,asconf; -p sctp -m sctp --chunk-types any DATA,ASCONF; OK
-p sctp -m sctp --chunk-types all DATA:X; sctp: Invalid flags for chunk type 0; FAIL
-p sctp -m sctp --chunk-types any I_DATA,RE_CONFIG,PAD,ASCONF,ASCONF_ACK,FORWARD_TSN,ECN_ECNE,ECN_CWR,COOKIE_ECHO; -p sctp -m sctp --chunk-types any COOKIE_ECHO,ECN_ECNE,ECN_CWR,I_DATA,ASCONF_ACK,RE_CONFIG,PAD,FORWARD_TSN,ASCONF; OK
-p sctp -m sctp --dport 4:3; sctp: invalid portrange (min > max); FAIL
-p sctp --chunk-types any DATA:; -p sctp -m sctp --chunk-types any DATA; OK
-p sctp --chunk-types any DATA:BU; -p sctp -m sctp --chunk-types any DATA:UB; OK
-p sctp --chunk-types any INIT:T; sctp: Invalid flags for chunk type 1; FAIL
-p sctp --chunk-types any I_DATA:IE,I_FORWARD_TSN; -p sctp -m sctp --chunk-types any I_DATA,I_FORWARD_TSN; OK
-p sctp --chunk-types any DATA,DATA:U; -p sctp -m sctp --chunk-types any DATA:U; OK
-p sctp --chunk-types any DATA,all; sctp: Unknown sctp chunk type "all"; FAIL
-p sctp --dport 65536; sctp: invalid port/service `65536' specified; FAIL
-p sctp --dport :; -p sctp -m sctp --dport 0:65535; OK
# does it fit, and why
? sctp dport=5; -p sctp -m sctp --dport 5; YES dport 5 is 5
? sctp dport=5; -p sctp -m sctp --dport 5 --chunk-types any INIT; UNKNOWN the chunks of the packet are not told
