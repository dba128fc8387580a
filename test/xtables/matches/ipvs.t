# ipvs: no kernel module where these were written, so they stand for what the option parser takes
-m ipvs --ipvs; =; OK
-m ipvs ! --ipvs; =; OK
-m ipvs; at least one option is required; FAIL
-m ipvs --vproto tcp --vaddr 1.2.3.4 ! --vport 80 --vdir reply --vmethod masq --vportctl 21; -m ipvs --vproto 6 --vaddr 1.2.3.4 ! --vport 80 --vdir REPLY --vmethod MASQ --vportctl 21; OK
-m ipvs --vport 65536; out of range; FAIL
-m ipvs --vdir SIDEWAYS; --vdir; FAIL
-6 -m ipvs --vaddr 2001:db8::/64 --vmethod GATE; =; OK
# does it fit, and why
? ipvs; -m ipvs --ipvs; YES IPVS has taken it in hand
? ; -m ipvs --ipvs; NO IPVS has not taken it in hand
? ipvs state=NEW to=10.96.0.1; -m ipvs --vaddr 10.96.0.0/16 --vport 80; YES virtual address 10.96.0.1 is 10.96.0.0/16, virtual port 80 is 80
? ipvs state=NEW to=10.96.0.1; -m ipvs --vdir REPLY; NO the direction is ORIGINAL, asked for REPLY
