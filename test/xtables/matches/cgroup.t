# cgroup: each line was asked of iptables 1.8.9, which took or refused it so
*mangle
:INPUT
-m cgroup ! --cgroup 0x10; -m cgroup ! --cgroup 16; OK
-m cgroup; cgroup: either --path or --cgroup must be specified; FAIL
# does it fit, and why
*filter
:OUTPUT
? ; -m cgroup --cgroup 5; UNKNOWN the control group of the sender is not told
