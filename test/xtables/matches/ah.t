# ah: each line was asked of iptables 1.8.9, which took or refused it so
-p ah -m ah ! --ahspi 3:3; -p ah -m ah ! --ahspi 3; OK
-6 -m ah --ahspi 3 --ahlen 5 --ahres; =; OK
-6 -m ah ! --ahlen 5; =; OK
-6 -m ah ! --ahspi 1:2 ! --ahlen 5 --ahres; =; OK
-6 -m ah --ahlen 5:6; ah: bad value for option "--ahlen", or out of range (0-4294967295); FAIL
-6 -m ah --ahspi 5:3; =; OK
# does it fit, and why
? ah; -p ah -m ah; YES it is an AH packet
? ah; -p ah -m ah --ahspi 5; UNKNOWN the SPI of the packet is not told
? udp; -6 -m ah; NO it has no authentication header
? ; -6 -m ah; NO it has no authentication header
