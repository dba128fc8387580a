# TCPOPTSTRIP: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:FORWARD
-p tcp -j TCPOPTSTRIP; =; OK
-p tcp -j TCPOPTSTRIP --strip-options wscale; -p tcp -j TCPOPTSTRIP --strip-options 3; OK
-p tcp -j TCPOPTSTRIP --strip-options wscale,mss,sack-permitted,sack,timestamp,md5; -p tcp -j TCPOPTSTRIP --strip-options 2,3,4,5,8,19; OK
-p tcp -j TCPOPTSTRIP --strip-options 2,3,4,5,8,19; =; OK
-p tcp -j TCPOPTSTRIP --strip-options 255,7; -p tcp -j TCPOPTSTRIP --strip-options 7,255; OK
-p tcp -j TCPOPTSTRIP --strip-options 256; bad TCP option "256"; FAIL
-p tcp -j TCPOPTSTRIP --strip-options ""; bad TCP option ""; FAIL
-p tcp -j TCPOPTSTRIP --strip-options 2,; bad TCP option ""; FAIL
-p tcp -j TCPOPTSTRIP --strip-options 2,,3; bad TCP option ""; FAIL
-p tcp -j TCPOPTSTRIP --strip-options WSCALE; bad TCP option "WSCALE"; FAIL
-j TCPOPTSTRIP --strip-options wscale; TCPOPTSTRIP target requires '-p tcp'; FAIL
-p udp -j TCPOPTSTRIP --strip-options wscale; TCPOPTSTRIP target requires '-p tcp'; FAIL
*filter
:FORWARD
-p tcp -j TCPOPTSTRIP --strip-options wscale; TCPOPTSTRIP target is only valid in table mangle, not filter; FAIL
