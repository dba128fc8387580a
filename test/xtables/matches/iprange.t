# iprange: each line was asked of iptables 1.8.9, which took or refused it so
-m iprange --src-range 1.1.1.1-1.1.1.10 ! --dst-range 2.2.2.2-2.2.2.3; =; OK
-m iprange --src-range 1.1.1.1; -m iprange --src-range 1.1.1.1-1.1.1.1; OK
-m iprange --src-range 1.1.1.10-1.1.1.1; =; OK
-m iprange; iprange: You must specify `--src-range' or `--dst-range'; FAIL
-6 -m iprange --src-range a::1; -m iprange --src-range a::1-a::1; OK
-m iprange --src-range 1.1.1.1-; iprange: host/network `' not found; FAIL
-m iprange --src-range 1.1-2.2; -m iprange --src-range 1.1.0.0-2.2.0.0; OK
-m iprange --src-range foo; iprange: host/network `foo' not found; FAIL
# does it fit, and why
? from=10.0.0.5; -m iprange --src-range 10.0.0.1-10.0.0.9; YES source 10.0.0.5 is in 10.0.0.1-10.0.0.9
? to=10.0.0.10; -m iprange --dst-range 10.0.0.1-10.0.0.9; NO destination 10.0.0.10 is not in 10.0.0.1-10.0.0.9
? to=200.0.0.1; -m iprange ! --dst-range 10.0.0.1-10.0.0.9; YES destination 200.0.0.1 is not in 10.0.0.1-10.0.0.9
? from=fd00::ff; -6 -m iprange --src-range fd00::1-fd00::1:0; YES source fd00::ff is in fd00::1-fd00::1:0
