# NFQUEUE: each line was asked of iptables 1.8.9, which took or refused it so
*filter
:FORWARD
-j NFQUEUE --queue-num 5 --queue-balance 3:4; option "--queue-num" cannot be used together with "--queue-balance"; FAIL
-j NFQUEUE --queue-cpu-fanout; option "--queue-cpu-fanout" also requires "--queue-balance"; FAIL
-j NFQUEUE --queue-num 3 --queue-cpu-fanout; option "--queue-cpu-fanout" also requires "--queue-balance"; FAIL
-j NFQUEUE --queue-balance 3; "3" is no range FIRST:LAST; FAIL
-j NFQUEUE --queue-balance 3:4:5; "3:4:5" is no range FIRST:LAST; FAIL
-j NFQUEUE --queue-balance 0:1 --queue-cpu-fanout; =; OK
-j NFQUEUE --queue-balance 1:65535; =; OK
-j NFQUEUE --queue-num 0x10; -j NFQUEUE --queue-num 16; OK
*nat
:PREROUTING
-j NFQUEUE; -j NFQUEUE --queue-num 0; OK
