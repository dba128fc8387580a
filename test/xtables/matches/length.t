# length: each line was asked of iptables 1.8.9, which took or refused it so
-m length --length 5:10; =; OK
-m length ! --length :; -m length ! --length 0:65535; OK
-m length --length 3:; -m length --length 3:65535; OK
-m length --length 10:5; =; OK
-m length --length 5; =; OK
-m length --length 5:5; -m length --length 5; OK
-m length --length 65536; length: bad value for option "--length" near "65536", or out of range (0-65535); FAIL
-m length; length: option "--length" must be specified; FAIL
-m length --length -1; length: bad value for option "--length" near "-1", or out of range (0-65535); FAIL
# does it fit, and why
? len=100; -m length --length 100:200; YES length 160 is 100:200
? udp len=72; -m length --length 100; YES length 100 is 100
? udp len=72; -m length ! --length 100; NO length 100 is 100
