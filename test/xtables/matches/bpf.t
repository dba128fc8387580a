# bpf: each line was asked of iptables 1.8.9, which took or refused it so
-m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0"; =; OK
-m bpf --bytecode "1,6 0 0 1"; =; OK
-m bpf --bytecode "1,6 0 0 1,"; -m bpf --bytecode "1,6 0 0 1"; OK
-m bpf --bytecode "2,6 0 0 1"; bpf: bpf: parsed program length is 1, not 2; FAIL
-m bpf --bytecode "x"; bpf: bpf: program length must be between 1 and 64; FAIL
-m bpf; bpf: missing option --bytecode or --object-pinned; FAIL
# does it fit, and why
? ; -m bpf --bytecode "1,6 0 0 1"; YES the program says that it does fit
? ; -m bpf --bytecode "1,6 0 0 0"; NO the program says that it does not fit
? ; -m bpf --object-pinned /sys/fs/bpf/x; UNKNOWN a pinned program is not in the dump
? ; -m bpf --bytecode "2,32 0 0 4294963236,22 0 0 0"; UNKNOWN it asks for what is not told of the packet
