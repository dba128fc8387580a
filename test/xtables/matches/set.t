# set: each line was asked of iptables 1.8.9, which took or refused it so
-m set --match-set s1 src; =; OK
-m set ! --match-set s1 src,dst --return-nomatch; =; OK
-m set --match-set s3 src,dst,dst --packets-lt 5 ! --bytes-eq 6 --update-counters; -m set --match-set s3 src,dst,dst --packets-lt 5 ! --bytes-eq 6; OK
-m set --match-set s3 src,dst,dst ! --update-counters ! --update-subcounters; =; OK
-m set --match-set s3 src ! --packets-eq 5 --bytes-gt 7; =; OK
-m set --match-set s1 foo; set: "--match-set" needs a comma separated list of 'src' and 'dst', not "foo"; FAIL
-m set --match-set s1; option "--match-set" requires 2 arguments; FAIL
-m set --set s1 src; -m set --match-set s1 src; OK
-m set; set: You must specify `--match-set' with proper arguments; FAIL
-m set --match-set s1 src,dst,src,dst,src,dst; =; OK
-m set --match-set s1 src,dst,src,dst,src,dst,src; set: Can't be more src/dst options than 6.; FAIL
-m set --match-set s3 src,src; =; OK
-m set --match-set s1 src --packets-lt 5 --packets-gt 3; set: only one of --packets-eq, -lt and -gt may be given; FAIL
-m set --match-set s1 src --return-nomatch ! --update-counters --bytes-lt 0x10; -m set --match-set s1 src --return-nomatch ! --update-counters --bytes-lt 16; OK
# does it fit, and why
? set=a:hash_ip:10.0.0.2; -m set --match-set a dst; YES 10.0.0.2 is in set a (10.0.0.2)
? set=a:hash_ip:10.0.0.2; -m set ! --match-set a dst; NO 10.0.0.2 is in set a (10.0.0.2)
? set=a:hash_ip:10.0.0.2; -m set --match-set b dst; UNKNOWN set b was not dumped
? set=a:hash_ip,port:10.0.0.2,tcp_80; -m set --match-set a dst,dst; YES 10.0.0.2,80 is in set a (10.0.0.2,tcp:80)
? set=a:hash_ip,port:10.0.0.2,udp_80; -m set --match-set a dst,dst; NO 10.0.0.2,80 is not in set a
? set=a:hash_ip,port:10.0.0.2,tcp_80; -m set --match-set a dst; NO set a (hash:ip,port) needs 2 of src and dst, not 1
? set=a:hash_net:10.0.0.0/8+10.0.0.2!; -m set --match-set a dst; NO 10.0.0.2 is excepted from set a by 10.0.0.2 nomatch
? set=a:hash_net:10.0.0.0/8+10.0.0.2!; -m set --match-set a dst --return-nomatch; YES 10.0.0.2 is excepted from set a by 10.0.0.2 nomatch
? set=a:hash_net:10.0.0.0/8+10.0.0.2!; -m set --match-set a src; YES 10.0.0.1 is in set a (10.0.0.0/8)
? set=a:hash_net,iface:10.0.0.0/8,eth0 in=eth0; -m set --match-set a src,src; YES 10.0.0.1,eth0 is in set a (10.0.0.0/8,eth0)
? set=a:hash_net,iface:10.0.0.0/8,eth0 in=eth1; -m set --match-set a src,src; NO 10.0.0.1,eth1 is not in set a
? set=a:bitmap_port:80 udp dport=80; -m set --match-set a dst; YES 80 is in set a (80)
? set=l:list_set:a&a:hash_ip:10.0.0.2; -m set --match-set l dst; YES 10.0.0.2 is in set a (10.0.0.2), a member of l
? set=l:list_set:a+c&a:hash_ip:10.0.0.9; -m set --match-set l dst; UNKNOWN set c, a member of l, was not dumped
? set=a:hash_ip,port,ip:10.0.0.2,tcp_80,10.0.0.1; -m set --match-set a dst,dst,src; YES 10.0.0.2,80,10.0.0.1 is in set a (10.0.0.2,tcp:80,10.0.0.1)
? set=a:hash_ip:10.0.0.2; -m set --match-set a dst --packets-gt 5; UNKNOWN 10.0.0.2 is in set a (10.0.0.2), but its counters are not followed
