# conntrack: each line was asked of iptables 1.8.9, which took or refused it so
-m conntrack --ctstate NEW,RELATED,ESTABLISHED,INVALID,UNTRACKED,SNAT,DNAT; -m conntrack --ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED,SNAT,DNAT; OK
-m conntrack --ctproto 6 ! --ctstatus NONE --ctdir REPLY; =; OK
-m conntrack ! --ctexpire 5; =; OK
-m conntrack --ctproto 200; =; OK
-m conntrack ! --ctproto tcp; -m conntrack ! --ctproto 6; OK
-m conntrack; conntrack: At least one option is required; FAIL
-m conntrack --ctstate ""; conntrack: Bad ctstate ""; FAIL
-m conntrack --ctstate NEW,; conntrack: Bad ctstate ""; FAIL
-m conntrack ! --ctdir REPLY; conntrack: option "--ctdir" cannot be inverted.; FAIL
-m conntrack --ctdir foo; conntrack: bad value "foo" for option "--ctdir"; FAIL
-p tcp -m conntrack --ctorigdstport 70000; -p tcp -m conntrack --ctorigdstport 4464; OK
-m conntrack --ctorigdstport 5:4; =; OK
-6 -m conntrack --ctorigsrc a::5/64; =; OK
-6 -m conntrack --ctorigsrc a::5/ffff:0:ffff::; -m conntrack --ctorigsrc a::5; OK
-m conntrack --ctstatus foo; conntrack: Bad ctstatus "foo"; FAIL
-m conntrack --ctstatus NONE,ASSURED; -m conntrack --ctstatus ASSURED; OK
-m conntrack --ctexpire 10:5; =; OK
-m conntrack --ctexpire :; -m conntrack --ctexpire 0:4294967295; OK
-m conntrack --ctexpire 5:; -m conntrack --ctexpire 5:4294967295; OK
-m conntrack --ctorigsrcport :; -m conntrack --ctorigsrcport 0:65535; OK
-m conntrack --ctorigsrc 0.0.0.0/0; =; OK
-m conntrack --ctproto all; -m conntrack --ctproto 0; OK
-m conntrack --ctproto foo; conntrack: unknown protocol "foo" specified; FAIL
-m conntrack --ctstate RELATED,ESTABLISHED --ctproto icmp; -m conntrack --ctstate RELATED,ESTABLISHED --ctproto 1; OK
-m conntrack --cts NEW; option "--cts" is ambiguous: it may stand for "--ctstate", "--ctstatus"; FAIL
-m conntrack --ctst NEW; option "--ctst" is ambiguous: it may stand for "--ctstate", "--ctstatus"; FAIL
-m conntrack --ctstate NEW --ctstate NEW; conntrack: option "--ctstate" can only be used once.; FAIL
# does it fit, and why
? state=NEW; -m conntrack --ctstate NEW; YES ctstate NEW is in NEW
? state=ESTABLISHED_REPLY; -m conntrack --ctstate RELATED,ESTABLISHED; YES ctstate ESTABLISHED is in RELATED,ESTABLISHED
? ; -m conntrack --ctstate INVALID; YES ctstate INVALID is in INVALID
? ; -m conntrack ! --ctstate NEW; YES ctstate INVALID is not in NEW
? untracked; -m conntrack --ctstate UNTRACKED; YES ctstate UNTRACKED is in UNTRACKED
? state=ESTABLISHED dnat; -m conntrack --ctstate DNAT; YES ctstate ESTABLISHED,DNAT is in DNAT
? state=ESTABLISHED; -m conntrack --ctstate SNAT,DNAT; NO ctstate ESTABLISHED is not in SNAT,DNAT
? state=ESTABLISHED dnat; -m conntrack ! --ctstate DNAT; NO ctstate ESTABLISHED,DNAT is in DNAT
? ; -m conntrack ! --ctorigsrc 10.0.0.1; NO it has no conntrack entry
? untracked; -m conntrack --ctstate UNTRACKED --ctproto 6; YES ctstate UNTRACKED is in UNTRACKED
? state=NEW; -m conntrack --ctorigsrc 10.0.0.0/24 --ctorigdstport 80; YES ctorigsrc 10.0.0.1 is 10.0.0.0/24, ctorigdstport 80 is 80
? state=NEW; -m conntrack ! --ctorigsrc 10.0.0.0/24; NO ctorigsrc 10.0.0.1 is 10.0.0.0/24
? state=NEW reply=10.9.0.9; -m conntrack --ctreplsrc 10.9.0.9 --ctreplsrcport 8080; YES ctreplsrc 10.9.0.9 is 10.9.0.9, ctreplsrcport 8080 is 8080
? state=NEW reply=10.9.0.9; -m conntrack --ctreplsrc 10.0.0.2; NO ctreplsrc 10.9.0.9 is not 10.0.0.2
? state=ESTABLISHED_REPLY; -m conntrack --ctdir REPLY; YES the direction is REPLY, asked for REPLY
? state=NEW; -m conntrack --ctdir REPLY; NO the direction is ORIGINAL, asked for REPLY
? state=NEW seen assured; -m conntrack --ctstatus ASSURED; YES ctstatus SEEN_REPLY,ASSURED has one of ASSURED
? state=NEW; -m conntrack --ctstatus ASSURED,CONFIRMED; NO ctstatus NONE has none of ASSURED,CONFIRMED
? state=NEW; -m conntrack --ctstatus NONE; NO ctstatus NONE has none of NONE
? state=ESTABLISHED confirmed now=100; -m conntrack --ctexpire 0:30; YES ctexpire 20 is 0:30
? state=ESTABLISHED confirmed; -m conntrack --ctexpire 0:30; NO ctexpire 120 is not 0:30
? state=NEW; -m conntrack --ctexpire 0:30; YES ctexpire 0 is 0:30
? state=NEW; -m conntrack --ctproto 17; NO ctproto 6 is not 17
