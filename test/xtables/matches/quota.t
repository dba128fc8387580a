# quota: each line was asked of iptables 1.8.9, which took or refused it so
-m quota --quota 1000; =; OK
-m quota ! --quota 18446744073709551615; =; OK
-m quota --quota 0x10; -m quota --quota 16; OK
-m quota --quota 0; =; OK
-m quota --quota 18446744073709551616; quota: bad value for option "--quota", or out of range (0-18446744073709551615).; FAIL
-m quota --quota -5; quota: bad value for option "--quota", or out of range (0-18446744073709551615).; FAIL
# does it fit, and why
? ; -m quota --quota 10; NO 60 bytes, with 10 left of the quota
? ; -m quota --quota 100000; YES 60 bytes, with 100000 left of the quota
