# cpu: each line was asked of iptables 1.8.9, which took or refused it so
-m cpu ! --cpu 1; =; OK
-m cpu --cpu 70000; =; OK
# does it fit, and why
? ; -m cpu --cpu 0; UNKNOWN which processor handles the packet is not told
