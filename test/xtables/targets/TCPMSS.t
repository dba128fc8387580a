# TCPMSS: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:FORWARD
-p tcp -j TCPMSS --clamp-mss-to-pmtu; =; OK
-j TCPMSS --clamp-mss-to-pmtu; TCPMSS target requires '-p tcp'; FAIL
-p udp -j TCPMSS --clamp-mss-to-pmtu; TCPMSS target requires '-p tcp'; FAIL
! -p tcp -j TCPMSS --set-mss 65; TCPMSS target requires '-p tcp'; FAIL
