# udp: each line was asked of iptables 1.8.9, which took or refused it so
-p udp --dport 70000; -p udp -m udp --dport 4464; OK
-p udp --sport domain; -p udp -m udp --sport 53; OK
# does it fit, and why
? udp dport=53; -p udp -m udp --dport 53; YES dport 53 is 53
? udp dport=53; -p udp -m udp --dport 5:4; NO dport 53 is not in 5:4
? udp frag=8; -p udp -m udp --sport 0:65535 --dport 1; NO it is a second or further fragment, its ports cannot be seen
