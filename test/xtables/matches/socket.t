# socket: each line was asked of iptables 1.8.9, which took or refused it so
-m socket; socket match may be used from PREROUTING, INPUT only, not FORWARD; FAIL
*mangle
:PREROUTING
-m socket --nowildcard --transparent --restore-skmark; -m socket --transparent --nowildcard --restore-skmark; OK
-m socket --transparent --transparent; socket: option "--transparent" can only be used once.; FAIL
# does it fit, and why
? listen=80; -m socket --nowildcard; YES LISTEN *:80 is there for 10.0.0.2:80
? listen=80; -m socket; NO no socket of 10.0.0.2:80 that is bound to the address was dumped
? state=ESTABLISHED; -m socket; UNKNOWN whether a connected socket of 10.0.0.2:80 exists is not told
