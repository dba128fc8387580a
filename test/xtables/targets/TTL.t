# TTL: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:PREROUTING
-j TTL; one of --ttl-set, --ttl-dec, --ttl-inc is required; FAIL
-j TTL --ttl-set 0; =; OK
-j TTL --ttl-set 256; bad value for option "--ttl-set", or out of range (0-255); FAIL
-j TTL --ttl-dec 255; =; OK
-j TTL --ttl-dec 256; bad value for option "--ttl-dec", or out of range (1-255); FAIL
-j TTL --ttl-inc 0x10; -j TTL --ttl-inc 16; OK
-j TTL ! --ttl-set 0; option "--ttl-set" cannot be inverted.; FAIL
*filter
:FORWARD
-j TTL --ttl-set 0; TTL target is only valid in table mangle, not filter; FAIL
