# statistic: each line was asked of iptables 1.8.9, which took or refused it so
-m statistic --mode random --probability 0.33332999982; =; OK
-m statistic --mode random --probability 0.5; -m statistic --mode random --probability 0.50000000000; OK
-m statistic --mode random --probability 1; -m statistic --mode random --probability 1.00000000000; OK
-m statistic --mode random --probability 0; -m statistic --mode random --probability 0.00000000000; OK
-m statistic --mode random --probability 1e-3; -m statistic --mode random --probability 0.00100000016; OK
-m statistic --mode random --probability -0.1; statistic: bad value for option "--probability", or out of range (0-1).; FAIL
-m statistic --mode nth --every 3 --packet 1; =; OK
-m statistic --mode nth ! --every 3; statistic: option "--every" also requires "--packet".; FAIL
-m statistic --mode nth --every 3 --packet 0; =; OK
-m statistic --mode nth --packet 0; statistic: option "--packet" also requires "--every".; FAIL
-m statistic --mode nth --every 0 --packet 0; statistic: bad value for option "--every", or out of range (1-4294967295); FAIL
-m statistic --mode nth --every 1 --packet 0; =; OK
-m statistic --mode random --every 3; statistic: option "--every" also requires "--packet".; FAIL
-m statistic --mode foo; statistic: bad value "foo" for option "--mode"; FAIL
-m statistic --mode random --probability 0.1 --packet 2 --every 3; statistic: option "--probability" cannot be used together with "--every".; FAIL
-m statistic --mode random --probability 0.1x; statistic: bad value for option "--probability", or out of range (0-1).; FAIL
-m statistic --mode nth --every 3 --packet 1 --mode nth; statistic: option "--mode" can only be used once.; FAIL
-m statistic --mode nth --every 3 --packet 3; statistic: the --packet p must be 0 <= p <= n-1; FAIL
-m statistic --mode random --probability .5; -m statistic --mode random --probability 0.50000000000; OK
-m statistic --mode random --probability 1.0; -m statistic --mode random --probability 1.00000000000; OK
-m statistic --mode random --probability 0.33333333349; =; OK
-m statistic --mode random --probability 0.2; -m statistic --mode random --probability 0.20000000019; OK
-m statistic --mode random --probability 0.12500000000; =; OK
-m statistic --mode random; statistic: --probability must be specified when using random mode; FAIL
# does it fit, and why
? choose=0; -m statistic --mode random --probability 0.5; YES chance decided: the probability is 50.0 %
? choose=1; -m statistic --mode random --probability 0.5; NO chance decided: the probability is 50.0 %
? choose=1; -m statistic --mode random --probability 1; YES chance decided: the probability is 100 %
? ; -m statistic --mode nth --every 2 --packet 0; YES this packet is number 0 of every 2
? ; -m statistic --mode nth --every 2 --packet 1; NO this packet is not number 1 of every 2
