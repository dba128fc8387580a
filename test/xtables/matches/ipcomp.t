# ipcomp: each line was asked of iptables 1.8.9, which took or refused it so
-p 108 -m ipcomp --ipcompspi 1:2 --compres; -p ipcomp -m ipcomp --ipcompspi 1:2 --compres; OK
-p 108 -m ipcomp ! --ipcompspi 1; -p ipcomp -m ipcomp ! --ipcompspi 1; OK
-p 108 -m ipcomp --ipcompspi 0:4294967295; -p ipcomp -m ipcomp; OK
# does it fit, and why
? ; -p ipcomp -m ipcomp --ipcompspi 5; UNKNOWN the CPI of the packet is not told
