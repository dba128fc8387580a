# srh: each line was asked of iptables 1.8.9, which took or refused it so
-6 -m srh --srh-next-hdr 17 --srh-hdr-len-eq 8 --srh-hdr-len-lt 8 --srh-segs-left-eq 1 --srh-segs-left-lt 1 --srh-tag 0; =; OK
-6 -m srh --srh-next-hdr tcp ! --srh-psid a::/64 ! --srh-tag 5; srh: bad value for option "--srh-next-hdr", or out of range (0-255); FAIL
-6 -m srh --srh-psid a::; -m srh --srh-psid a::/128; OK
-6 -m srh --srh-hdr-len-eq 256; srh: bad value for option "--srh-hdr-len-eq", or out of range (0-255); FAIL
-6 -m srh --srh-psid a::/64 --srh-psid a::/64; srh: option "--srh-psid" can only be used once.; FAIL
-6 -m srh --srh-psid a::5/64; =; OK
-6 -m srh --srh-tag 65536; srh: bad value for option "--srh-tag", or out of range (0-65535); FAIL
-6 -m srh --srh-nsid a::1/129; srh: invalid mask `129' specified; FAIL
# does it fit, and why
? ; -6 -m srh --srh-tag 5; NO it has no segment routing header
