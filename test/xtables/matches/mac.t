# mac: each line was asked of iptables 1.8.9, which took or refused it so
-m mac --mac-source 00:11:22:aa:BB:CC; -m mac --mac-source 00:11:22:aa:bb:cc; OK
-m mac --mac-source 0:1:2:3:4:5:6; mac: Invalid MAC address specified.; FAIL
-m mac --mac-source 00:01:02:03:04:GG; mac: Invalid MAC address specified.; FAIL
:INPUT
-m mac --mac-source 00:11:22:aa:BB:CC; -m mac --mac-source 00:11:22:aa:bb:cc; OK
-m mac ! --mac-source 0:1:2:3:4:5; -m mac ! --mac-source 00:01:02:03:04:05; OK
-m mac --mac-source 00-11-22-33-44-55; mac: Invalid MAC address specified.; FAIL
-m mac --mac-source 0011:22:33:44:55; mac: Invalid MAC address specified.; FAIL
:OUTPUT
-m mac --mac-source 00:11:22:aa:BB:CC; mac match may be used from PREROUTING, INPUT, FORWARD only, not OUTPUT; FAIL
:INPUT
-m mac; mac: option "--mac-source" must be specified; FAIL
# does it fit, and why
:FORWARD
? mac=02:00:00:00:00:01; -m mac --mac-source 02:00:00:00:00:01; YES MAC source 02:00:00:00:00:01 is 02:00:00:00:00:01
? mac=02:00:00:00:00:03; -m mac ! --mac-source 02:00:00:00:00:01; YES MAC source 02:00:00:00:00:03 is not 02:00:00:00:00:01
? ; -m mac ! --mac-source 02:00:00:00:00:01; NO it has no Ethernet header
