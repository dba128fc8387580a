# policy: each line was asked of iptables 1.8.9, which took or refused it so
-m policy --dir in --pol none; =; OK
-m policy --dir out --pol ipsec --reqid 5 --proto esp; =; OK
-m policy --dir in --pol ipsec --strict --reqid 1 --spi 0x1 --proto esp --mode tunnel --tunnel-src 1.1.1.1 ! --tunnel-dst 2.2.2.0/24 --next ! --reqid 3 ! --spi 5 ! --mode transport; -m policy --dir in --pol ipsec --strict --reqid 1 --spi 0x1 --proto esp --mode tunnel ! --tunnel-dst 2.2.2.0/24 --tunnel-src 1.1.1.1 --next ! --reqid 3 ! --spi 0x5 ! --mode transport; OK
-m policy --dir in; -m policy --dir in --pol ipsec; OK
-m policy --pol ipsec; policy: neither --dir in nor --dir out specified; FAIL
-m policy --dir in --pol ipsec --next; policy: option "--next" also requires "--strict".; FAIL
-m policy --dir in --pol none --strict; policy: policy none but --strict given; FAIL
-m policy --dir out --pol ipsec --strict; policy: empty policy element 0. --strict is in effect, but at least one of reqid, spi, tunnel-src, tunnel-dst, proto or mode is required; FAIL
-m policy --dir in --pol ipsec --mode tunnel --tunnel-src 1.1.1.1/24; =; OK
-m policy --dir in --pol ipsec --proto 50; -m policy --dir in --pol ipsec --proto esp; OK
-m policy --dir in --pol ipsec --proto ah --mode transport; =; OK
-m policy --dir in --pol ipsec --proto tcp; policy: protocol must be ah/esp/ipcomp; FAIL
-m policy --dir in --pol ipsec --strict --next; policy: empty policy element 0. --strict is in effect, but at least one of reqid, spi, tunnel-src, tunnel-dst, proto or mode is required; FAIL
-m policy --dir in --pol none --reqid 1; -m policy --dir in --pol none; OK
-6 -m policy --dir in --pol ipsec --strict --mode tunnel --tunnel-src a::5/64; =; OK
-m policy --dir in --pol ipsec --reqid 1 --reqid 2; policy: option "--reqid" can only be used once in an element; FAIL
-m policy --dir in --pol ipsec --strict --reqid 1 --next --spi 3 --next --proto ah --next --mode tunnel --tunnel-src 1.1.1.1 --next --reqid 7; policy: maximum policy depth reached; FAIL
-m policy --dir in --pol ipsec --strict --reqid 1 --next; policy: empty policy element 1. --strict is in effect, but at least one of reqid, spi, tunnel-src, tunnel-dst, proto or mode is required; FAIL
-m policy --dir in --pol ipsec --tunnel-src 1.1.1.1; policy: --tunnel-src/--tunnel-dst is only valid in tunnel mode; FAIL
-m policy --dir in --dir out --pol ipsec; policy: option "--dir" can only be used once.; FAIL
-m policy --dir foo; policy: bad value "foo" for option "--dir"; FAIL
:INPUT
-m policy --dir out --pol ipsec; policy: output policy not valid in PREROUTING and INPUT; FAIL
:OUTPUT
-m policy --dir in --pol ipsec; policy: input policy not valid in POSTROUTING and OUTPUT; FAIL
:USER
-m policy --dir in --pol ipsec; =; OK
# does it fit, and why
:FORWARD
? ; -m policy --dir in --pol none; YES no IPsec policy handles the packet, asked for none
? ; -m policy --dir in --pol ipsec; NO no IPsec policy handles the packet, asked for ipsec
