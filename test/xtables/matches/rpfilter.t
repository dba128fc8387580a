# rpfilter: each line was asked of iptables 1.8.9, which took or refused it so
-m rpfilter; rpfilter match is only valid in table raw, mangle, not filter; FAIL
*raw
:PREROUTING
-m rpfilter; =; OK
-m rpfilter --loose --validmark --accept-local --invert; =; OK
*filter
:INPUT
-m rpfilter; rpfilter match is only valid in table raw, mangle, not filter; FAIL
*mangle
:PREROUTING
-m rpfilter ! --invert; rpfilter: option "--invert" cannot be inverted.; FAIL
*nat
:PREROUTING
-m rpfilter; rpfilter match is only valid in table raw, mangle, not nat; FAIL
# does it fit, and why
*raw
? in=eth0; -m rpfilter; YES packets to 10.0.0.1 would leave by eth0
? in=eth0 spoofed; -m rpfilter; NO packets to 10.0.0.1 would not leave by eth0
? in=eth0 spoofed; -m rpfilter --invert; YES packets to 10.0.0.1 would not leave by eth0
? in=lo spoofed; -m rpfilter; YES packets to 10.0.0.1 would leave by lo
