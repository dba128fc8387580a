# state: each line was asked of iptables 1.8.9, which took or refused it so
-m state --state NEW,ESTABLISHED,RELATED,UNTRACKED,INVALID; -m state --state INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED; OK
-m state ! --state new; -m state ! --state NEW; OK
-m state --state SNAT; state: Bad state "SNAT"; FAIL
-m state --state NEW,NEW,foo; state: Bad state "foo"; FAIL
-m state --state ALL; state: Bad state "ALL"; FAIL
# does it fit, and why
? state=NEW; -m state --state NEW; YES state NEW is in NEW
? state=ESTABLISHED_REPLY; -m state --state RELATED,ESTABLISHED; YES state ESTABLISHED is in RELATED,ESTABLISHED
? ; -m state --state INVALID; YES state INVALID is in INVALID
? untracked; -m state --state INVALID; NO state UNTRACKED is not in INVALID
? state=RELATED_REPLY; -m state ! --state RELATED; NO state RELATED is in RELATED
