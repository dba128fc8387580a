# CT: each line was asked of iptables 1.8.9, which took or refused it so
*raw
:PREROUTING
-j CT; =; OK
-j CT --notrack; =; OK
-j CT --notrack --zone 1; =; OK
-j CT --zone 0; -j CT; OK
-j CT --zone 65536; "65536" is no zone: a number up to 65535, or mark; FAIL
-j CT --zone 0x10; -j CT --zone 16; OK
-j CT --zone mark; =; OK
-j CT --zone-orig 5; =; OK
-j CT --zone-reply 5; =; OK
-j CT --zone-orig mark; =; OK
-j CT --zone-reply mark; =; OK
-j CT --zone-orig 0; -j CT; OK
-j CT --zone 1 --zone-orig 5; -j CT --zone-orig 5; OK
-j CT --zone-reply 1 --zone-orig 5; -j CT --zone 5; OK
-j CT --helper ftp; --helper needs -p with a protocol, not negated; FAIL
-p tcp -j CT --helper ftp; =; OK
-p tcp -j CT --helper aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; Argument to "--helper" must have a length of 0–15 characters; FAIL
-j CT --ctevents mark,new; -j CT --ctevents new,mark; OK
-j CT --ctevents new,related,destroy,reply,assured,protoinfo,helper,mark,natseqinfo,secmark; =; OK
-j CT --ctevents all; unknown event type "all"; FAIL
-j CT --ctevents bogus; unknown event type "bogus"; FAIL
-j CT --expevents new; =; OK
-j CT --ctevents new --expevents new; =; OK
-j CT --expevents new --ctevents new --zone 3; -j CT --ctevents new --expevents new --zone 3; OK
-j CT --notrack --ctevents new; =; OK
-p tcp -j CT --ctevents new --zone 3 --helper ftp; -p tcp -j CT --helper ftp --ctevents new --zone 3; OK
-p tcp -j CT --notrack --helper ftp; =; OK
-j CT --zone 1 --zone 2; option "--zone" can only be used once; FAIL
-j CT --zone-orig 5 --zone-reply 1; -j CT --zone 1; OK
-j CT --zone-orig 5 --zone 1; -j CT --zone-orig 1; OK
-j CT --zone mark --zone-orig 1; -j CT --zone-orig mark; OK
-j CT --zone 1 --zone-orig mark; -j CT --zone-orig mark; OK
-j CT --zone 010; -j CT --zone 8; OK
-j CT --ctevents ""; unknown event type ""; FAIL
-j CT --ctevents new,; unknown event type ""; FAIL
-j CT --ctevents NEW; unknown event type "NEW"; FAIL
-p tcp -j CT --timeout aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; Argument to "--timeout" must have a length of 0–31 characters; FAIL
-p tcp -j CT --helper ""; -p tcp -j CT; OK
*filter
:OUTPUT
-j CT --notrack; CT target is only valid in table raw, not filter; FAIL
