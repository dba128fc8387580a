# TOS: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:PREROUTING
-j TOS --set-tos 16; -j TOS --set-tos 0x10/0xff; OK
-j TOS --set-tos 0x10/0xf0; =; OK
-j TOS --set-tos minimize-delay; -j TOS --set-tos 0x10/0x3f; OK
-j TOS --set-tos Minimize-D; "Minimize-D" is neither a TOS value (0-255, with or without a mask) nor a name of one; FAIL
-j TOS --set-tos 256; "256" is neither a TOS value (0-255, with or without a mask) nor a name of one; FAIL
-j TOS --set-tos 1/256; "1/256" is neither a TOS value (0-255, with or without a mask) nor a name of one; FAIL
-j TOS --and-tos 0x12; -j TOS --set-tos 0x00/0xed; OK
-j TOS --or-tos 0x12; -j TOS --set-tos 0x12/0x12; OK
-j TOS --xor-tos 0x12; -j TOS --set-tos 0x12/0x00; OK
-j TOS --or-tos 0x12/1; bad value for option "--or-tos", or out of range (0-255); FAIL
-j TOS --or-tos 0x12 --set-tos 1; option "--set-tos" cannot be used together with "--or-tos"; FAIL
-j TOS --set-tos 0x10 --set-tos 1; option "--set-tos" can only be used once.; FAIL
-j TOS --set-tos ""; "" is neither a TOS value (0-255, with or without a mask) nor a name of one; FAIL
-j TOS --set-tos 0x10/; "0x10/" is neither a TOS value (0-255, with or without a mask) nor a name of one; FAIL
*filter
:FORWARD
-j TOS --set-tos 0x10; TOS target is only valid in table mangle, not filter; FAIL
