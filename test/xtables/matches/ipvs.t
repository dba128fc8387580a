# ipvs: no kernel module where these were written, so they stand for what the option parser takes
-m ipvs --ipvs; =; OK
-m ipvs ! --ipvs; =; OK
-m ipvs; at least one option is required; FAIL
-m ipvs --vproto tcp --vaddr 1.2.3.4 ! --vport 80 --vdir reply --vmethod masq --vportctl 21; -m ipvs --vproto 6 --vaddr 1.2.3.4 ! --vport 80 --vdir REPLY --vmethod MASQ --vportctl 21; OK
-m ipvs --vport 65536; out of range; FAIL
-m ipvs --vdir SIDEWAYS; --vdir; FAIL
-m ipvs --ipvs --vport 80; =; OK
-m ipvs ! --ipvs --vport 80; ! --ipvs cannot be together with other options; FAIL
-6 -m ipvs --vaddr 2001:db8::/64 --vmethod GATE; =; OK
# does it fit, and why
? ipvs; -m ipvs --ipvs; YES IPVS has taken it in hand
? ; -m ipvs --ipvs; NO IPVS has not taken it in hand
? ipvs vaddr=10.96.0.1; -m ipvs --vaddr 10.96.0.0/16 --vport 80; YES virtual port 80 is 80, virtual address 10.96.0.1 is 10.96.0.0/16
? ipvs vaddr=10.96.0.1; -m ipvs --ipvs --vport 80; YES virtual port 80 is 80
? ipvs vaddr=10.96.0.1; -m ipvs --vmethod GATE; NO forwarding method Masq, asked for GATE
? ipvs vaddr=10.96.0.1; -m ipvs ! --vportctl 21; YES controlling port (none) is not 21
? ipvs state=NEW vaddr=10.96.0.1; -m ipvs --vdir REPLY; NO the direction is ORIGINAL, asked for REPLY
? ipvs vaddr=10.96.0.1; -m ipvs --vdir ORIGINAL; NO the direction is (untracked), asked for ORIGINAL
? ipvs state=ESTABLISHED; -m ipvs --vaddr 10.96.0.1; NO it is on its way to no real server of a connection
