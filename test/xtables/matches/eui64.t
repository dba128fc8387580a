# eui64: each line was asked of iptables 1.8.9, which took or refused it so
-6 -m eui64; =; OK
# does it fit, and why
? from=fe80::200:ff:fe00:1 mac=00:00:00:00:00:01; -6 -m eui64; YES the EUI-64 of 00:00:00:00:00:01 is 020000fffe000001, the address ends in 020000fffe000001
? from=fe80::1 mac=02:00:00:00:00:01; -6 -m eui64; NO the EUI-64 of 02:00:00:00:00:01 is 000000fffe000001, the address ends in 0000000000000001
