# SNPT: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:POSTROUTING
-6 -j SNPT --src-pfx dead:beef::/48 --dst-pfx 1c3:1::/48; =; OK
-6 -j SNPT --src-pfx dead:beef::/48 --dst-pfx 1c3:1::/56; =; OK
-6 -j SNPT --src-pfx dead:beef::1/64 --dst-pfx 1c3:1::/64; the prefix "dead:beef::1/64" has bits behind its length; FAIL
-6 -j SNPT --src-pfx dead:beef::/65 --dst-pfx 1c3:1::/64; the prefix "dead:beef::/65" is longer than 64 bits; FAIL
-6 -j SNPT --src-pfx dead:beef:: --dst-pfx 1c3:1::/64; the prefix "dead:beef::" is longer than 64 bits; FAIL
-6 -j SNPT --src-pfx dead:beef::/0 --dst-pfx 1c3:1::/0; the prefix "dead:beef::/0" has bits behind its length; FAIL
-6 -j SNPT --src-pfx dead:beef::/129 --dst-pfx 1c3:1::/0; invalid mask `129' specified; FAIL
-6 -j SNPT --src-pfx dead:beef::/ffff:: --dst-pfx 1c3:1::/0; the prefix "dead:beef::/ffff::" has bits behind its length; FAIL
*mangle
:PREROUTING
-6 -j SNPT --src-pfx dead:beef::/64 --dst-pfx 1c3:1::/64; SNPT target may be used from INPUT, POSTROUTING only, not PREROUTING; FAIL
*nat
:POSTROUTING
-6 -j SNPT --src-pfx dead:beef::/64 --dst-pfx 1c3:1::/64; SNPT target is only valid in table mangle, not nat; FAIL
