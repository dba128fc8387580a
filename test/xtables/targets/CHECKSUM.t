# CHECKSUM: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:PREROUTING
-j CHECKSUM --checksum-fill; =; OK
-j CHECKSUM; option "--checksum-fill" must be specified; FAIL
*filter
:FORWARD
-j CHECKSUM --checksum-fill; CHECKSUM target is only valid in table mangle, not filter; FAIL
