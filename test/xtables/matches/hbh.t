# hbh: each line was asked of iptables 1.8.9, which took or refused it so
-6 -m hbh ! --hbh-len 5; =; OK
-6 -m hbh --hbh-not-strict; unknown option "--hbh-not-strict"; FAIL
-6 -m hbh --hbh-opts ""; hbh: bad option "" for "--hbh-opts"; FAIL
-6 -m hbh --hbh-opts 1:; hbh: bad option "1:" for "--hbh-opts"; FAIL
-6 -m hbh --hbh-opts 256; -m hbh --hbh-opts 0; OK
# does it fit, and why
? ; -6 -m hbh --hbh-len 5; NO it has no hop-by-hop options header
