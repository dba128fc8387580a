# esp: each line was asked of iptables 1.8.9, which took or refused it so
-p esp -m esp --espspi 1:2; =; OK
-p esp -m esp ! --espspi 0x100; -p esp -m esp ! --espspi 256; OK
-p esp -m esp ! --espspi :; -p esp -m esp; OK
-p esp -m esp --espspi 5:; -p esp -m esp --espspi 5:4294967295; OK
-m esp --espspi 0:4294967295; esp match requires '-p esp'; FAIL
-p esp -m esp; =; OK
# does it fit, and why
? esp; -p esp -m esp --espspi 5; UNKNOWN the SPI of the packet is not told
