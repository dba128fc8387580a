# ULOG: gone from kernels since 3.17, so the tool takes the words and the kernel refuses the rule
:FORWARD
-j ULOG; =; OK
-j ULOG --ulog-nlgroup 1 --ulog-qthreshold 1; -j ULOG; OK
-j ULOG --ulog-nlgroup 3 --ulog-prefix "x y" --ulog-cprange 10 --ulog-qthreshold 4; -j ULOG --ulog-prefix "x y" --ulog-nlgroup 3 --ulog-cprange 10 --ulog-qthreshold 4; OK
-j ULOG --ulog-nlgroup 0; bad value for option "--ulog-nlgroup"; FAIL
-j ULOG --ulog-nlgroup 33; bad value for option "--ulog-nlgroup"; FAIL
