# realm: each line was asked of iptables 1.8.9, which took or refused it so
-m realm --realm 1; -m realm --realm 0x1; OK
-m realm ! --realm 0x1/0xf; =; OK
-m realm --realm default; realm: bad mark value for option "--realm", or out of range; FAIL
-m realm --realm 0; -m realm --realm cosmos; OK
-m realm --realm 255; -m realm --realm 0xff; OK
-m realm --realm 254/255; -m realm --realm 0xfe/0xff; OK
# does it fit, and why
? ; -m realm --realm 0x1; NO its route has no realm, which is not 0x1
