# helper: each line was asked of iptables 1.8.9, which took or refused it so
-m helper --helper ftp; =; OK
-m helper ! --helper "ftp-2121"; -m helper ! --helper ftp-2121; OK
-m helper --helper "a b"; =; OK
-m helper --helper ""; =; OK
# does it fit, and why
? state=RELATED helper=ftp; -m helper --helper ftp; YES helper ftp is ftp
? state=NEW; -m helper --helper ftp; NO helper (none) is not ftp
? state=NEW; -m helper ! --helper ftp; YES helper (none) is not ftp
? state=RELATED helper=ftp; -m helper --helper ""; YES helper ftp is any
