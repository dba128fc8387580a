# CONNMARK: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:PREROUTING
-j CONNMARK --set-mark 1; -j CONNMARK --set-xmark 0x1/0xffffffff; OK
-j CONNMARK --set-mark 0x7/0x3; -j CONNMARK --set-xmark 0x7/0x7; OK
-j CONNMARK --set-xmark 0x7/0x3; =; OK
-j CONNMARK --set-xmark 7; -j CONNMARK --set-xmark 0x7/0xffffffff; OK
-j CONNMARK --and-mark 0xff; -j CONNMARK --set-xmark 0x0/0xffffff00; OK
-j CONNMARK --or-mark 0xff; -j CONNMARK --set-xmark 0xff/0xff; OK
-j CONNMARK --xor-mark 0xff; -j CONNMARK --set-xmark 0xff/0x0; OK
-j CONNMARK --save-mark --mask 0xff; -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff; OK
-j CONNMARK --restore-mark --mask 0xff; -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff; OK
-j CONNMARK --mask 0xff --restore-mark; -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff; OK
-j CONNMARK --restore-mark --nfmask 0xff; -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xffffffff; OK
-j CONNMARK --restore-mark --ctmask 0xff; -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xff; OK
-j CONNMARK --restore-mark --ctmask 0xff --mask 0xf; option "--mask" cannot be used together with "--ctmask"; FAIL
-j CONNMARK --restore-mark --nfmask 0xff --mask 0xf; option "--mask" cannot be used together with "--nfmask"; FAIL
-j CONNMARK --restore-mark --save-mark; option "--save-mark" cannot be used together with "--restore-mark"; FAIL
-j CONNMARK --set-mark 1 --mask 0xf; -j CONNMARK --set-xmark 0x1/0xf; OK
-j CONNMARK --set-mark 1 --nfmask 0xf; -j CONNMARK --set-xmark 0x1/0xffffffff; OK
-j CONNMARK --set-xmark 1 --mask 0xf; -j CONNMARK --set-xmark 0x1/0xf; OK
-j CONNMARK --nfmask 0xf; one of --set-xmark, --set-mark, --and-mark, --or-mark, --xor-mark, --save-mark, --restore-mark is required; FAIL
-j CONNMARK --set-mark 1 --left-shift-mark 4; -j CONNMARK --set-xmark 0x1/0xffffffff --left-shift-mark 4; OK
-j CONNMARK --set-xmark 1 --right-shift-mark 4; -j CONNMARK --set-xmark 0x1/0xffffffff --right-shift-mark 4; OK
-j CONNMARK --save-mark --left-shift-mark 4; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --left-shift-mark 4; OK
-j CONNMARK --left-shift-mark 4 --save-mark; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --left-shift-mark 4; OK
-j CONNMARK --restore-mark --nfmask 0xf --right-shift-mark 40; bad value for option "--right-shift-mark", or out of range (0-31); FAIL
-j CONNMARK --and-mark 1 --right-shift-mark 4; -j CONNMARK --set-xmark 0x0/0xfffffffe --right-shift-mark 4; OK
-j CONNMARK --left-shift-mark 4; one of --set-xmark, --set-mark, --and-mark, --or-mark, --xor-mark, --save-mark, --restore-mark is required; FAIL
-j CONNMARK --set-xmark 1 --right-shift-mark 4 --left-shift-mark 3; -j CONNMARK --set-xmark 0x1/0xffffffff --left-shift-mark 3; OK
-j CONNMARK --set-xmark 1 --right-shift-mark 0; -j CONNMARK --set-xmark 0x1/0xffffffff; OK
-j CONNMARK --set-xmark 1 --right-shift-mark 32; bad value for option "--right-shift-mark", or out of range (0-31); FAIL
-j CONNMARK --set-xmark 1 --right-shift-mark 31; -j CONNMARK --set-xmark 0x1/0xffffffff --right-shift-mark 31; OK
*filter
:FORWARD
-j CONNMARK --set-mark 1; -j CONNMARK --set-xmark 0x1/0xffffffff; OK
