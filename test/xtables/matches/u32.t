# u32: each line was asked of iptables 1.8.9, which took or refused it so
-m u32 --u32 "0x0=0x0&&0x0=0x1"; =; OK
-m u32 ! --u32 "6 & 0xFF = 1"; -m u32 ! --u32 "0x6&0xff=0x1"; OK
-m u32 --u32 "0>>22&0x3C@4>>8&0xFFFF=1:5,7"; -m u32 --u32 "0x0>>0x16&0x3c@0x4>>0x8&0xffff=0x1:0x5,0x7"; OK
-m u32 --u32 "6 & 0xFF"; u32: abrupt end of input after location specifier; FAIL
-m u32 --u32 "0<<3=1"; -m u32 --u32 "0x0<<0x3=0x1"; OK
-m u32 --u32 ""; u32: at char 0: a number is expected; FAIL
-m u32 --u32 "0=1&&1=2&&2=3&&3=4&&4=5&&5=6&&6=7&&7=8&&8=9&&9=10"; -m u32 --u32 "0x0=0x1&&0x1=0x2&&0x2=0x3&&0x3=0x4&&0x4=0x5&&0x5=0x6&&0x6=0x7&&0x7=0x8&&0x8=0x9&&0x9=0xa"; OK
-m u32 --u32 "0=1&&1=2&&2=3&&3=4&&4=5&&5=6&&6=7&&7=8&&8=9&&9=10&&10=11"; u32: at most 10 tests may stand in a program; FAIL
-m u32 --u32 "0=1,2,3,4,5,6,7,8,9,10"; -m u32 --u32 "0x0=0x1,0x2,0x3,0x4,0x5,0x6,0x7,0x8,0x9,0xa"; OK
-m u32 --u32 "0=1,2,3,4,5,6,7,8,9,10,11"; u32: too many ","s; FAIL
-m u32 --u32 "0 = 1 x"; u32: unexpected character behind a value; FAIL
# does it fit, and why
? ; -m u32 --u32 "0x0=0x1"; NO its bytes do not fit
? ; -m u32 --u32 "6&0xFF=6"; YES its bytes do fit
? icmp; -m u32 --u32 "6&0xFF=6"; NO its bytes do not fit
? ; -m u32 ! --u32 "6&0xFF=6"; NO its bytes do fit
? dport=53 udp; -m u32 --u32 "0>>22&0x3C@0&0xFFFF=50:60"; YES its bytes do fit
? flags=SYN,ACK; -m u32 --u32 "0>>22&0x3C@12>>16&0xFF=0x12"; YES its bytes do fit
? ; -m u32 --u32 "0>>22&0x3C@4=1"; UNKNOWN some of the packet's bytes are not told
? ; -m u32 --u32 "2000=0"; NO its bytes do not fit
? data=abcd udp; -m u32 --u32 "0>>22&0x3C@8=0x61626364"; YES its bytes do fit
? len=4 udp; -m u32 --u32 "0>>22&0x3C@8=0x61626364"; UNKNOWN some of the packet's bytes are not told
? ttl=63; -m u32 --u32 "8>>24=0:63&&12=0x0a000001"; YES its bytes do fit
