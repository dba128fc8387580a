# ipv6header: each line was asked of iptables 1.8.9, which took or refused it so
-6 -m ipv6header --header hop,dst,route,frag,auth,esp,none,prot; -m ipv6header --header hop-by-hop,ipv6-opts,ipv6-route,ipv6-frag,ah,esp,ipv6-nonxt,protocol; OK
-6 -m ipv6header --header 0,43,proto ! --soft; ipv6header: unknown header `proto' specified; FAIL
-6 -m ipv6header ! --header esp; =; OK
-6 -m ipv6header --soft; ipv6header: option "--header" must be specified; FAIL
-6 -m ipv6header --header esp,hop-by-hop,ipv6-opts --soft; -m ipv6header --header hop-by-hop,ipv6-opts,esp --soft; OK
-6 -m ipv6header --header 58,50; ipv6header: unknown header `58' specified; FAIL
-6 -m ipv6header --header esp,esp; -m ipv6header --header esp; OK
-6 -m ipv6header --header 44; -m ipv6header --header ipv6-frag; OK
-6 -m ipv6header --header hop-by-hop,foo; ipv6header: unknown header `foo' specified; FAIL
-6 -m ipv6header ! --header esp,ah --soft; -m ipv6header ! --header ah,esp --soft; OK
# does it fit, and why
? ; -6 -m ipv6header --header protocol; YES its headers are protocol
? ; -6 -m ipv6header --header esp,protocol; NO its headers are protocol, not esp,protocol
? esp; -6 -m ipv6header --header esp --soft; YES its headers are esp
? ; -6 -m ipv6header ! --header esp --soft; YES its headers are protocol, not esp
? more; -6 -m ipv6header --header frag,prot; YES its headers are ipv6-frag,protocol
