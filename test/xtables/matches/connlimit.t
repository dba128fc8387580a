# connlimit: each line was asked of iptables 1.8.9, which took or refused it so
-m connlimit --connlimit-above 10; -m connlimit --connlimit-above 10 --connlimit-mask 32 --connlimit-saddr; OK
-m connlimit ! --connlimit-above 10 --connlimit-mask 24 --connlimit-daddr; -m connlimit --connlimit-upto 10 --connlimit-mask 24 --connlimit-daddr; OK
-m connlimit --connlimit-upto 10 --connlimit-mask 255.255.0.0; -m connlimit --connlimit-upto 10 --connlimit-mask 16 --connlimit-saddr; OK
-m connlimit --connlimit-upto 1 --connlimit-above 1; connlimit: option "--connlimit-above" can only be used once.; FAIL
-m connlimit --connlimit-upto 1 --connlimit-mask 33; -m connlimit --connlimit-upto 1 --connlimit-mask 32 --connlimit-saddr; OK
-6 -m connlimit --connlimit-upto 1 --connlimit-mask 64; -m connlimit --connlimit-upto 1 --connlimit-mask 64 --connlimit-saddr; OK
# does it fit, and why
? ; -m connlimit --connlimit-upto 1; YES 10.0.0.1 has 1 connections, not more than 1
? ; -m connlimit --connlimit-above 1; NO 10.0.0.1 has 1 connections, not more than 1
