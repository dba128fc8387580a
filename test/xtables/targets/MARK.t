# MARK: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:PREROUTING
-j MARK --set-mark 1; -j MARK --set-xmark 0x1/0xffffffff; OK
-j MARK --set-mark 0x1/0x3; -j MARK --set-xmark 0x1/0x3; OK
-j MARK --set-mark 0x1/0x0; -j MARK --set-xmark 0x1/0x1; OK
-j MARK --set-mark 0x7/0x3; -j MARK --set-xmark 0x7/0x7; OK
-j MARK --set-xmark 0x7/0x3; =; OK
-j MARK --set-xmark 0x7/; bad mark value for option "--set-xmark", or out of range; FAIL
-j MARK --set-xmark 0x7/3; -j MARK --set-xmark 0x7/0x3; OK
-j MARK --set-xmark 017; -j MARK --set-xmark 0xf/0xffffffff; OK
-j MARK --set-xmark 08; bad mark value for option "--set-xmark", or out of range; FAIL
-j MARK --set-xmark 0x; bad mark value for option "--set-xmark", or out of range; FAIL
-j MARK --set-xmark 5x; bad mark value for option "--set-xmark", or out of range; FAIL
-j MARK --set-xmark ""; bad mark value for option "--set-xmark", or out of range; FAIL
-j MARK --set-xmark 0X1F; -j MARK --set-xmark 0x1f/0xffffffff; OK
-j MARK --set-xmark 1/0x100000000; bad mark value for option "--set-xmark", or out of range; FAIL
-j MARK --and-mark 0xff; -j MARK --set-xmark 0x0/0xffffff00; OK
-j MARK --or-mark 0xff; -j MARK --set-xmark 0xff/0xff; OK
-j MARK --xor-mark 0xff; -j MARK --set-xmark 0xff/0x0; OK
-j MARK --or-mark 0xff/1; bad value for option "--or-mark", or out of range (0-4294967295); FAIL
-j MARK --set-mark 1 --or-mark 2; option "--set-mark" cannot be used together with "--or-mark"; FAIL
-j MARK --set-mark 1 --set-mark 2; option "--set-mark" can only be used once.; FAIL
-j MARK ! --set-mark 1; option "--set-mark" cannot be inverted.; FAIL
-j MARK --set 1; option "--set" is ambiguous: it may stand for "--set-counters", "--set-xmark", "--set-mark"; FAIL
-j MARK --set-x 1; -j MARK --set-xmark 0x1/0xffffffff; OK
-j MARK --or 1; -j MARK --set-xmark 0x1/0x1; OK
-j MARK --or-mark=1; -j MARK --set-xmark 0x1/0x1; OK
