# devgroup: each line was asked of iptables 1.8.9, which took or refused it so
-m devgroup --src-group 0x5 ! --dst-group 3/0xff; -m devgroup --src-group 0x5 ! --dst-group 0x3/0xff; OK
-m devgroup --src-group default; =; OK
-m devgroup; devgroup: You must specify either '--src-group' or '--dst-group'; FAIL
-m devgroup --src-group 0; -m devgroup --src-group default; OK
-m devgroup --src-group 0/0xf; -m devgroup --src-group 0x0/0xf; OK
-m devgroup --src-group 1; -m devgroup --src-group 0x1; OK
# does it fit, and why
? ; -m devgroup --src-group 0x5; UNKNOWN the group of the device is not told
