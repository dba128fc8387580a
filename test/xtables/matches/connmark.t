# connmark: each line was asked of iptables 1.8.9, which took or refused it so
-m connmark --mark 1/1; -m connmark --mark 0x1/0x1; OK
-m connmark ! --mark 0x1/0xffffffff; -m connmark ! --mark 0x1; OK
# does it fit, and why
? state=NEW ctmark=0x5; -m connmark --mark 0x5; YES ctmark 0x5 & 0xffffffff is 0x5
? state=NEW ctmark=0x7; -m connmark --mark 0x5/0xd; YES ctmark 0x7 & 0xd is 0x5
? ; -m connmark ! --mark 0x5; NO it has no conntrack entry, so no ctmark
? untracked; -m connmark --mark 0x0; NO it has no conntrack entry, so no ctmark
