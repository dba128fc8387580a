# recent: each line was asked of iptables 1.8.9, which took or refused it so
-m recent --set; -m recent --set --name DEFAULT --mask 255.255.255.255 --rsource; OK
-m recent --rcheck --seconds 60 --hitcount 3 --name a --rdest; -m recent --rcheck --seconds 60 --hitcount 3 --name a --mask 255.255.255.255 --rdest; OK
-m recent --update --seconds 60 --reap --rttl --hitcount 4; -m recent --update --seconds 60 --reap --hitcount 4 --rttl --name DEFAULT --mask 255.255.255.255 --rsource; OK
-m recent ! --remove --name x --mask 255.255.255.0; -m recent ! --remove --name x --mask 255.255.255.0 --rsource; OK
-m recent --set --update; recent: only one of --set, --rcheck, --update and --remove may be given; FAIL
-m recent; recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'; FAIL
-m recent --set --seconds 5; recent: --seconds, --hitcount, --reap and --rttl go with --rcheck and --update only; FAIL
-m recent --rcheck --reap; recent: option "--reap" also requires "--seconds".; FAIL
-m recent ! --rcheck --rsource; -m recent ! --rcheck --name DEFAULT --mask 255.255.255.255 --rsource; OK
-m recent --rcheck --hitcount 300; -m recent --rcheck --hitcount 300 --name DEFAULT --mask 255.255.255.255 --rsource; OK
-m recent --rcheck --hitcount 0 --seconds 0; recent: bad value for option "--seconds", or out of range (1-4294967295); FAIL
-m recent --set --name "a b"; -m recent --set --name a b --mask 255.255.255.255 --rsource; ONCE
-m recent --set --name a/b; recent: bad list name "a/b"; FAIL
-m recent --set --rttl; recent: --seconds, --hitcount, --reap and --rttl go with --rcheck and --update only; FAIL
-m recent --set --mask 33; -m recent --set --name DEFAULT --mask 0.0.0.33 --rsource; OK
-m recent --set --mask 24; -m recent --set --name DEFAULT --mask 0.0.0.24 --rsource; OK
-6 -m recent --set --mask ffff::; -m recent --set --name DEFAULT --mask ffff:: --rsource; OK
*nat
:PREROUTING
-m recent --set --name n1 --rdest --rsource; -m recent --set --name n1 --mask 255.255.255.255 --rsource; OK
# does it fit, and why
*filter
:FORWARD
? ; -m recent --rcheck; NO 10.0.0.1 is not on list DEFAULT
? ; -m recent --set; YES 10.0.0.1 is put on list DEFAULT
? ; -m recent ! --update --name x; YES 10.0.0.1 is not on list x
