# DNPT: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:OUTPUT
-6 -j DNPT --src-pfx dead:beef::/64 --dst-pfx 1c3:1::/64; =; OK
*mangle
:INPUT
-6 -j DNPT --src-pfx dead:beef::/64 --dst-pfx 1c3:1::/64; DNPT target may be used from PREROUTING, OUTPUT only, not INPUT; FAIL
