# tcpmss: each line was asked of iptables 1.8.9, which took or refused it so
-p tcp -m tcpmss ! --mss 5; =; OK
-p tcp -m tcpmss --mss 5:6; =; OK
-p tcp -m tcpmss --mss 0; =; OK
# does it fit, and why
? flags=SYN; -p tcp -m tcpmss --mss 1:1400; UNKNOWN the MSS it offers is not told, asked for 1:1400
? flags=ACK; -p tcp -m tcpmss --mss 1:1400; NO it has no MSS option
? flags=ACK; -p tcp -m tcpmss ! --mss 1:1400; YES it has no MSS option
