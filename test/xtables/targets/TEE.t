# TEE: each line was asked of iptables 1.8.9, which took or refused it so
*filter
:FORWARD
-j TEE --gateway 1.1.1.1 --oif eth0; =; OK
-j TEE --gateway 0.0.0.0; the gateway must not be the zero address; FAIL
-j TEE --gateway ::1; "::1" is no IPv4 address; FAIL
-6 -j TEE --gateway 2001:DB8::1; -j TEE --gateway 2001:db8::1; OK
-6 -j TEE --gateway 2001:db8::1 --oif aaaaaaaaaaaaaaaaaaa; -j TEE --gateway 2001:db8::1 --oif aaaaaaaaaaaaaaa; OK
-6 -j TEE --gateway ::; the gateway must not be the zero address; FAIL
-j TEE --gateway 1.1; -j TEE --gateway 1.0.0.1; OK
-j TEE --gateway 1.1.1.1 --oif ""; -j TEE --gateway 1.1.1.1; OK
-j TEE --gateway 255.255.255.255; =; OK
-j TEE --gateway 224.0.0.1; =; OK
