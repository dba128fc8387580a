# mh: each line was asked of iptables 1.8.9, which took or refused it so
-6 -p mh --mh-type binding-refresh-request; -p mobility-header -m mh --mh-type 0; OK
-6 -p mh --mh-type BRR:CoTI; -p mobility-header -m mh --mh-type 0:2; OK
-6 -p mh ! --mh-type 3:3; -p mobility-header -m mh ! --mh-type 3; OK
-6 -p mh --mh-type foo; mh: Invalid MH type `foo'; FAIL
-6 -p mh --mh-type home-test; -p mobility-header -m mh --mh-type 3; OK
-6 -p mh --mh-type binding; -p mobility-header -m mh --mh-type 0; OK
-6 -p mh --mh-type 256; mh: Invalid MH type `256'; FAIL
# does it fit, and why
? mh; -6 -p mobility-header -m mh; YES it is a Mobility Header packet
? mh; -6 -p mobility-header -m mh --mh-type 5; UNKNOWN the MH type of the packet is not told
