# socket: each line was asked of iptables 1.8.9, which took or refused it so
-m socket; socket match may be used from PREROUTING, INPUT only, not FORWARD; FAIL
*mangle
:PREROUTING
-m socket --nowildcard --transparent --restore-skmark; -m socket --transparent --nowildcard --restore-skmark; OK
-m socket --transparent --transparent; socket: option "--transparent" can only be used once.; FAIL
# does it fit, and why
? listen=80; -m socket --nowildcard; YES LISTEN *:80 takes what is for 10.0.0.2:80
? listen=80; -m socket; NO LISTEN *:80 takes 10.0.0.2:80, but is bound to no address
? listen=80; -m socket --nowildcard --transparent; UNKNOWN whether LISTEN *:80 is transparent is not told
? state=ESTABLISHED; -m socket; NO no socket takes what is for 10.0.0.2:80
? icmp; -m socket; NO only TCP and UDP, and ICMP errors about them, have a socket to look for
