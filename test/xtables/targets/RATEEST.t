# RATEEST: each line was asked of iptables 1.8.9, which took or refused it so
*filter
:FORWARD
-j RATEEST --rateest-name x; the averaging time is out of range; FAIL
-j RATEEST --rateest-name x --rateest-interval 1s --rateest-ewmalog 2s; -j RATEEST --rateest-name x --rateest-interval 1.0s --rateest-ewmalog 2.0s; OK
-j RATEEST --rateest-name y --rateest-interval 250ms --rateest-ewmalog 0.5s; -j RATEEST --rateest-name y --rateest-interval 250.0ms --rateest-ewmalog 500.0ms; OK
-j RATEEST --rateest-name z --rateest-interval 500 --rateest-ewmalog 1; the averaging time is out of range; FAIL
-j RATEEST --rateest-name z1 --rateest-interval 500 --rateest-ewmalog 1000; -j RATEEST --rateest-name z1 --rateest-interval 250.0ms --rateest-ewmalog 500.0ms; OK
-j RATEEST --rateest-name z2 --rateest-interval 250000us --rateest-ewmalog 8s; -j RATEEST --rateest-name z2 --rateest-interval 250.0ms --rateest-ewmalog 8.0s; OK
-j RATEEST --rateest-name z3 --rateest-interval 300ms --rateest-ewmalog 700ms; -j RATEEST --rateest-name z3 --rateest-interval 500.0ms --rateest-ewmalog 1.0s; OK
-j RATEEST --rateest-name z4 --rateest-interval 8s --rateest-ewmalog 16s; -j RATEEST --rateest-name z4 --rateest-interval 8.0s --rateest-ewmalog 16.0s; OK
-j RATEEST --rateest-name z5 --rateest-interval 1sec --rateest-ewmalog 16secs; -j RATEEST --rateest-name z5 --rateest-interval 1.0s --rateest-ewmalog 16.0s; OK
-j RATEEST --rateest-name z6 --rateest-interval 0 --rateest-ewmalog 16secs; the averaging time is out of range; FAIL
-j RATEEST --rateest-name z7 --rateest-interval 1s --rateest-ewmalog 100000s; -j RATEEST --rateest-name z7 --rateest-interval 1.0s --rateest-ewmalog 1024.0s; OK
-j RATEEST --rateest-name z8 --rateest-interval 5x --rateest-ewmalog 1s; bad time "5x" for "--rateest-interval"; FAIL
-j RATEEST --rateest-name z9 --rateest-interval 2s --rateest-ewmalog 16s; -j RATEEST --rateest-name z9 --rateest-interval 2.0s --rateest-ewmalog 16.0s; OK
-j RATEEST --rateest-name z10 --rateest-interval 2s --rateest-ewmalog 1s; the averaging time is out of range; FAIL
-j RATEEST --rateest-name aaaaaaaaaaaaaaaaaaaa --rateest-interval 2s --rateest-ewmalog 4s; -j RATEEST --rateest-name aaaaaaaaaaaaaaa --rateest-interval 2.0s --rateest-ewmalog 4.0s; OK
-j RATEEST --rateest-name aaaaaaaaaaaaaa --rateest-interval 2s --rateest-ewmalog 4s; -j RATEEST --rateest-name aaaaaaaaaaaaaa --rateest-interval 2.0s --rateest-ewmalog 4.0s; OK
-j RATEEST --rateest-name "a b" --rateest-interval 1s --rateest-ewmalog 2s; -j RATEEST --rateest-name a b --rateest-interval 1.0s --rateest-ewmalog 2.0s; ONCE
-j RATEEST --rateest-name q --rateest-interval 1S --rateest-ewmalog 2S; -j RATEEST --rateest-name q --rateest-interval 1.0s --rateest-ewmalog 2.0s; OK
-j RATEEST --rateest-name q2 --rateest-interval 1.5s --rateest-ewmalog 4.5s; -j RATEEST --rateest-name q2 --rateest-interval 2.0s --rateest-ewmalog 4.0s; OK
-j RATEEST --rateest-name q3 --rateest-interval 9s --rateest-ewmalog 40s; the interval is larger than 8 seconds; FAIL
-j RATEEST --rateest-name q4 --rateest-interval 4s --rateest-ewmalog 40s; -j RATEEST --rateest-name q4 --rateest-interval 4.0s --rateest-ewmalog 32.0s; OK
-j RATEEST --rateest-interval 4s --rateest-ewmalog 40s; option "--rateest-name" must be specified; FAIL
-j RATEEST --rateest-name q5 --rateest-interval 1m --rateest-ewmalog 4s; bad time "1m" for "--rateest-interval"; FAIL
-j RATEEST --rateest-name q6 --rateest-interval 1msec --rateest-ewmalog 4usecs; the averaging time is out of range; FAIL
