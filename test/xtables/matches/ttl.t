# ttl: each line was asked of iptables 1.8.9, which took or refused it so
-m ttl --ttl-lt 5; =; OK
-m ttl --ttl 5; -m ttl --ttl-eq 5; OK
-m ttl; ttl: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt'; FAIL
-m ttl --ttl-eq 5 --ttl-gt 3; ttl: only one of --ttl-eq, --ttl-lt and --ttl-gt may be given; FAIL
-m ttl ! --ttl-lt 5; ttl: option "--ttl-lt" cannot be inverted.; FAIL
-m ttl --ttl-lt 0; =; OK
-6 -m ttl --ttl-eq 5; Couldn't load match `ttl': there is none for ipv6; FAIL
# does it fit, and why
? ttl=1; -m ttl --ttl-lt 2; YES ttl 1 is below 2
? ttl=2; -m ttl --ttl-gt 2; NO ttl 2 is not above 2
? ttl=64; -m ttl ! --ttl-eq 64; NO ttl 64 is 64
