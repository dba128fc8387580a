# string: each line was asked of iptables 1.8.9, which took or refused it so
-m string --algo bm --string "GET /"; -m string --string "GET /" --algo bm; OK
-m string --algo kmp --hex-string "|0d 0a|abc" --from 5 --to 10 --icase; -m string --hex-string "|0d0a616263|" --algo kmp --from 5 --to 10 --icase; OK
-m string --algo bm ! --string foo; -m string ! --string "foo" --algo bm; OK
-m string --algo bm --string foo --hex-string "|00|"; string: option "--hex-string" can only be used once.; FAIL
-m string --algo bm --hex-string "|0g|"; string: Invalid hex char 'g'; FAIL
-m string --algo bm --hex-string "abc"; -m string --string "abc" --algo bm; OK
-m string --algo bm --hex-string "a|41|\"c"; -m string --string "aA\"c" --algo bm; OK
-m string --algo bm --string "it's \"q\" \\ |x|"; -m string --string "it's \"q\" \\ |x|" --algo bm; OK
-m string --algo bm --string "tab	x"; -m string --hex-string "|7461620978|" --algo bm; OK
-m string --algo bm --hex-string "|61 62 63|"; -m string --string "abc" --algo bm; OK
-m string --algo bm --hex-string "|61 62 00 63|"; -m string --hex-string "|61620063|" --algo bm; OK
-m string --algo bm --string ""; string: the argument of "--string" is empty; FAIL
-m string --algo foo --string x; string: bad value "foo" for option "--algo"; FAIL
-m string --string x; string: option "--algo" must be specified; FAIL
-m string --algo bm --string "xxé"; -m string --hex-string "|7878c3a9|" --algo bm; OK
-m string --algo bm --string 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789; string: STRING too long "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"; FAIL
-m string --algo bm --string x --from 5; -m string --string "x" --algo bm --from 5; OK
-m string --algo bm --string x --to 5; -m string --string "x" --algo bm --to 5; OK
-m string --algo bm --string x --to 65535; -m string --string "x" --algo bm; OK
-m string --algo bm --string x --from 10 --to 5; string: --from must not be beyond --to; FAIL
-m string --algo bm --string x --from 65536; string: bad value for option "--from", or out of range (0-65535); FAIL
-m string --string abc --algo bm --icase --icase; string: option "--icase" can only be used once.; FAIL
-m string --hex-string "|616|" --algo bm; string: Invalid hex char '|'; FAIL
-m string --hex-string "|61" --algo bm; string: a bar is missing at the end of the hex digits; FAIL
-m string --hex-string "a\|b" --algo bm; string: Odd number of hex digits; FAIL
-m string --string "a\b" --algo bm; -m string --string "ab" --algo bm; OK
-m string ! --hex-string "|00|" --algo kmp --to 70000; string: bad value for option "--to", or out of range (0-65535); FAIL
-m string --string "a|b" --algo bm; =; OK
-m string --string "~" --algo fsm; string: bad value "fsm" for option "--algo"; FAIL
# does it fit, and why
? ; -m string --string abcd --algo bm; NO the packet does not hold the string
? len=10; -m string --string abcd --algo bm; UNKNOWN the packet's payload is not told
? len=3; -m string --string abcd --algo bm; NO the packet does not hold the string
? data=xxabcdxx; -m string --string abcd --algo bm; YES the packet does hold the string
? data=xxabcdxx; -m string ! --string abcd --algo bm; NO the packet does hold the string
? data=xxABcdxx; -m string --string abCD --algo bm; NO the packet does not hold the string
? data=xxABcdxx; -m string --string abCD --algo bm --icase; YES the packet does hold the string
? data=xxabcdxx udp; -m string --hex-string "|61 62|" --algo bm --from 30; YES the packet does hold the string
? data=xxabcdxx udp; -m string --hex-string "|61 62|" --algo bm --from 31; NO the packet does not hold the string
? data=xxabcdxx udp; -m string --hex-string "|61 62|" --algo bm --to 32; YES the packet does hold the string
? data=xxabcdxx udp; -m string --hex-string "|61 62|" --algo bm --to 31; NO the packet does not hold the string
