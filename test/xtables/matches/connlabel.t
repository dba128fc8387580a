# connlabel: each line was asked of iptables 1.8.9, which took or refused it so
-m connlabel --label 40; -m connlabel --label "40"; OK
-m connlabel ! --label 40 --set; -m connlabel ! --label "40" --set; OK
-m connlabel --label foo; connlabel: label 'foo' not found or invalid value; FAIL
-m connlabel --label 128; connlabel: label '128' not found or invalid value; FAIL
# does it fit, and why
? state=NEW; -m connlabel --label 5; UNKNOWN whether the connection has label 5 is not told
? ; -m connlabel --label 5; NO it has no conntrack entry, so no label
