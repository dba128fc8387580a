# frag: each line was asked of iptables 1.8.9, which took or refused it so
-6 -m frag ! --fragid 1:2 ! --fraglen 5 --fragres --fragfirst --fraglast; =; OK
-6 -m frag --fragmore --fraglast; frag: option "--fragmore" cannot be used together with "--fraglast".; FAIL
-6 -m frag ! --fragid :; -m frag; OK
-6 -m frag --fraglen 5000000000; frag: bad value for option "--fraglen", or out of range (0-4294967295); FAIL
-6 -m frag --fragid 5:3; =; OK
-6 -m frag --fragid 3 --fragid 4; frag: option "--fragid" can only be used once.; FAIL
# does it fit, and why
? frag=8 more; -6 -m frag --fragmore; YES more fragments follow
? ; -6 -m frag --fragfirst; NO it has no fragment header
? more; -6 -m frag --fragfirst; YES it is the first fragment
