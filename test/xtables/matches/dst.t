# dst: each line was asked of iptables 1.8.9, which took or refused it so
-6 -m dst --dst-len 5 --dst-opts 1:2,3; =; OK
-6 -m dst --dst-opts 5:256; -m dst --dst-opts 5:0; OK
-6 -m dst --dst-opts 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17; dst: at most 16 options may stand after "--dst-opts"; FAIL
-6 -m dst --dst-opts 1,2 --dst-opts 3; dst: option "--dst-opts" can only be used once.; FAIL
# does it fit, and why
? ; -6 -m dst ! --dst-len 5; NO it has no destination options header
