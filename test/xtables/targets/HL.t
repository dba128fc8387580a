# HL: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:PREROUTING
-6 -j HL; one of --hl-set, --hl-dec, --hl-inc is required; FAIL
-6 -j HL --hl-set 0; =; OK
-6 -j HL --hl-inc 1; =; OK
-6 -j HL --hl-inc 1 --hl-dec 1; option "--hl-dec" cannot be used together with "--hl-inc"; FAIL
