# cluster: each line was asked of iptables 1.8.9, which took or refused it so
-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0x1; -m cluster --cluster-local-nodemask 0x00000001 --cluster-total-nodes 2 --cluster-hash-seed 0x00000001; OK
-m cluster --cluster-total-nodes 2 ! --cluster-local-node 1 --cluster-hash-seed 1; -m cluster ! --cluster-local-nodemask 0x00000001 --cluster-total-nodes 2 --cluster-hash-seed 0x00000001; OK
-m cluster --cluster-total-nodes 2 --cluster-local-nodemask 3 --cluster-hash-seed 0xdeadbeef; -m cluster --cluster-local-nodemask 0x00000003 --cluster-total-nodes 2 --cluster-hash-seed 0xdeadbeef; OK
-m cluster --cluster-total-nodes 2 --cluster-hash-seed 1; cluster: `--cluster-local-node' or`--cluster-local-nodemask' is missing; FAIL
-m cluster --cluster-total-nodes 2 --cluster-local-node 3 --cluster-hash-seed 1; cluster: `--cluster-local-node' must be <= `--cluster-total-nodes'; FAIL
-m cluster --cluster-total-nodes 33 --cluster-local-node 3 --cluster-hash-seed 1; cluster: bad value for option "--cluster-total-nodes", or out of range (1-32); FAIL
# does it fit, and why
? ; -m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 1; NO it has no conntrack entry
# on Linux 6.18, connections from 10.1.1.1 to .6 belonged to the nodes 2 3 2 3 2 1
? state=NEW from=10.1.1.1; -m cluster --cluster-total-nodes 3 --cluster-local-node 2 --cluster-hash-seed 0xdeadbeef; YES connections from 10.1.1.1 belong to node 2 of 3
? state=NEW from=10.1.1.2; -m cluster --cluster-total-nodes 3 --cluster-local-node 2 --cluster-hash-seed 0xdeadbeef; NO connections from 10.1.1.2 belong to node 3 of 3
? state=NEW from=10.1.1.6; -m cluster --cluster-total-nodes 3 ! --cluster-local-node 2 --cluster-hash-seed 0xdeadbeef; YES connections from 10.1.1.6 belong to node 1 of 3
