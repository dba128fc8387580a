# tos: each line was asked of iptables 1.8.9, which took or refused it so
-m tos --tos 0x10/0x3f; =; OK
-m tos ! --tos Minimize-Delay; -m tos ! --tos 0x10/0x3f; OK
-m tos --tos 16; -m tos --tos 0x10/0xff; OK
-m tos --tos 256; tos: Symbolic name "256" is unknown; FAIL
-m tos --tos min; tos: Symbolic name "min" is unknown; FAIL
-m tos --tos 0x10/0x100; tos: Illegal value for "--tos" option: "0x10/0x100"; FAIL
-m tos --tos 0x11/0x10; =; OK
# does it fit, and why
? tos=16; -m tos --tos Minimize-Delay; YES tos 0x10 is 0x10/0x3f
? tos=80; -m tos --tos 0x10/0xff; NO tos 0x50 is not 0x10/0xff
