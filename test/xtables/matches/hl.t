# hl: each line was asked of iptables 1.8.9, which took or refused it so
-6 -m hl --hl 5; -m hl --hl-eq 5; OK
-6 -m hl; hl: You must specify one of `--hl-eq', `--hl-lt', `--hl-gt'; FAIL
# does it fit, and why
? ttl=255; -6 -m hl --hl-eq 255; YES hl 255 is 255
