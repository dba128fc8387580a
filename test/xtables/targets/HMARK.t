# HMARK: each line was asked of iptables 1.8.9, which took or refused it so
*filter
:FORWARD
-j HMARK --hmark-tuple src,dst --hmark-mod 10; --hmark-rnd is required; FAIL
-j HMARK --hmark-tuple src,dst --hmark-mod 10 --hmark-rnd 0xfe; -j HMARK --hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-rnd 0x000000fe --hmark-mod 10; OK
-j HMARK --hmark-tuple src,dst,sport,dport --hmark-mod 0xa --hmark-rnd 0xfe --hmark-offset 0x10; -j HMARK --hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-sport-mask 0xffff --hmark-dport-mask 0xffff --hmark-rnd 0x000000fe --hmark-mod 10 --hmark-offset 16; OK
-j HMARK --hmark-tuple spi,proto --hmark-mod 10 --hmark-rnd 1; -j HMARK --hmark-spi-mask 0xffffffff --hmark-proto-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 10; OK
-j HMARK --hmark-tuple ct --hmark-mod 10 --hmark-rnd 1; -j HMARK --hmark-rnd 0x00000001 --hmark-mod 10 --hmark-tuple ct; OK
-j HMARK --hmark-tuple ct,src --hmark-mod 10 --hmark-rnd 1; -j HMARK --hmark-src-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 10 --hmark-tuple ct; OK
-j HMARK --hmark-tuple src,spi,sport --hmark-mod 10 --hmark-rnd 1; a mask of the SPI and a mask of ports cannot be used together; FAIL
-j HMARK --hmark-tuple bogus --hmark-mod 10 --hmark-rnd 1; "bogus" is no part of a tuple; FAIL
-j HMARK --hmark-tuple src --hmark-mod 0 --hmark-rnd 1; bad value for option "--hmark-mod", or out of range (1-4294967295); FAIL
-j HMARK --hmark-mod 5 --hmark-rnd 1; --hmark-tuple is required; FAIL
-j HMARK --hmark-src-prefix 24 --hmark-mod 5 --hmark-rnd 1; -j HMARK --hmark-src-prefix 24 --hmark-rnd 0x00000001 --hmark-mod 5; OK
-j HMARK --hmark-src-prefix 33 --hmark-mod 5 --hmark-rnd 1; -j HMARK --hmark-src-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 5; OK
-j HMARK --hmark-src-prefix 0 --hmark-mod 5 --hmark-rnd 1; -j HMARK --hmark-src-prefix 0 --hmark-rnd 0x00000001 --hmark-mod 5; OK
-j HMARK --hmark-src-prefix 24 --hmark-mod 5; --hmark-rnd is required; FAIL
-j HMARK --hmark-src-prefix 24 --hmark-rnd 5; --hmark-mod is required; FAIL
-j HMARK --hmark-sport 80 --hmark-mod 5 --hmark-rnd 1; -j HMARK --hmark-sport 0x0050 --hmark-rnd 0x00000001 --hmark-mod 5; OK
-j HMARK --hmark-sport http --hmark-mod 5 --hmark-rnd 1; bad value for option "--hmark-sport", or out of range (0-65535); FAIL
-j HMARK --hmark-dport 80 --hmark-dport-mask 0xff00 --hmark-mod 5 --hmark-rnd 1; -j HMARK --hmark-dport-mask 0xff00 --hmark-dport 0x0050 --hmark-rnd 0x00000001 --hmark-mod 5; OK
-j HMARK --hmark-spi 80 --hmark-mod 5 --hmark-rnd 1; -j HMARK --hmark-spi 0x00000050 --hmark-rnd 0x00000001 --hmark-mod 5; OK
-j HMARK --hmark-spi 80 --hmark-spi-mask 0xff00 --hmark-mod 5 --hmark-rnd 1; -j HMARK --hmark-spi-mask 0x0000ff00 --hmark-spi 0x00000050 --hmark-rnd 0x00000001 --hmark-mod 5; OK
-j HMARK --hmark-spi 80 --hmark-sport 8 --hmark-mod 5 --hmark-rnd 1; an SPI and ports cannot be used together; FAIL
-j HMARK --hmark-spi 80 --hmark-sport-mask 8 --hmark-mod 5 --hmark-rnd 1; -j HMARK --hmark-sport-mask 0x0008 --hmark-spi 0x00000050 --hmark-rnd 0x00000001 --hmark-mod 5; OK
-j HMARK --hmark-tuple src --hmark-src-prefix 24 --hmark-mod 5 --hmark-rnd 1; option "--hmark-src-prefix" and "src" of --hmark-tuple say the same twice; FAIL
-j HMARK --hmark-tuple dst --hmark-src-prefix 24 --hmark-mod 5 --hmark-rnd 1; -j HMARK --hmark-src-prefix 24 --hmark-dst-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 5; OK
-j HMARK --hmark-proto-mask 0x10000 --hmark-mod 5 --hmark-rnd 1; bad value for option "--hmark-proto-mask", or out of range (0-65535); FAIL
-j HMARK --hmark-proto-mask 0x1ff --hmark-mod 5 --hmark-rnd 1 --hmark-offset 0; -j HMARK --hmark-proto-mask 0x1ff --hmark-rnd 0x00000001 --hmark-mod 5 --hmark-offset 0; OK
-6 -j HMARK --hmark-src-prefix 24 --hmark-mod 5 --hmark-rnd 1; -j HMARK --hmark-src-prefix 24 --hmark-rnd 0x00000001 --hmark-mod 5; OK
-6 -j HMARK --hmark-tuple src,dst --hmark-mod 10 --hmark-rnd 0xfe; -j HMARK --hmark-src-prefix 128 --hmark-dst-prefix 128 --hmark-rnd 0x000000fe --hmark-mod 10; OK
-6 -j HMARK --hmark-src-prefix 128 --hmark-mod 5 --hmark-rnd 1; -j HMARK --hmark-src-prefix 128 --hmark-rnd 0x00000001 --hmark-mod 5; OK
-j HMARK --hmark-tuple src,dst,sport,dport,proto,ct --hmark-mod 10 --hmark-rnd 1 --hmark-sport 5 --hmark-dport 6; -j HMARK --hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-sport-mask 0xffff --hmark-dport-mask 0xffff --hmark-sport 0x0005 --hmark-dport 0x0006 --hmark-proto-mask 0xffff --hmark-rnd 0x00000001 --hmark-mod 10 --hmark-tuple ct; OK
-j HMARK --hmark-tuple spi,src,dst --hmark-spi 7 --hmark-proto-mask 0 --hmark-mod 10 --hmark-rnd 1; -j HMARK --hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-spi-mask 0xffffffff --hmark-spi 0x00000007 --hmark-proto-mask 0x00 --hmark-rnd 0x00000001 --hmark-mod 10; OK
-j HMARK --hmark-tuple src,dst,sport,dport,proto,ct,spi,src --hmark-mod 10 --hmark-rnd 1; a mask of the SPI and a mask of ports cannot be used together; FAIL
-j HMARK --hmark-spi-mask 0 --hmark-mod 10 --hmark-rnd 1; -j HMARK --hmark-spi-mask 0x00000000 --hmark-rnd 0x00000001 --hmark-mod 10; OK
-j HMARK --hmark-sport-mask 0 --hmark-mod 10 --hmark-rnd 1; -j HMARK --hmark-sport-mask 0x0000 --hmark-rnd 0x00000001 --hmark-mod 10; OK
-j HMARK --hmark-proto-mask 0x5 --hmark-mod 10 --hmark-rnd 0; -j HMARK --hmark-proto-mask 0x05 --hmark-rnd 0x00000000 --hmark-mod 10; OK
-j HMARK --hmark-src-prefix abc --hmark-mod 10 --hmark-rnd 0; invalid mask `abc' specified; FAIL
-j HMARK --hmark-src-prefix 0x10 --hmark-mod 10 --hmark-rnd 0; -j HMARK --hmark-src-prefix 16 --hmark-rnd 0x00000000 --hmark-mod 10; OK
-j HMARK --hmark-src-prefix 255.255.0.0 --hmark-mod 10 --hmark-rnd 0; -j HMARK --hmark-src-prefix 16 --hmark-rnd 0x00000000 --hmark-mod 10; OK
-6 -j HMARK --hmark-src-prefix 129 --hmark-mod 5 --hmark-rnd 1; invalid mask `129' specified; FAIL
*mangle
:FORWARD
-j HMARK --hmark-src-prefix 24 --hmark-mod 5 --hmark-rnd 1; -j HMARK --hmark-src-prefix 24 --hmark-rnd 0x00000001 --hmark-mod 5; OK
