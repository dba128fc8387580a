# CLUSTERIP: gone from kernels since 6.3
:INPUT
-d 10.1.1.1/32 -i lo -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5E:00:00:20 --total-nodes 2 --local-node 1 --hash-init 3; =; OK
-d 10.1.1.1/32 -j CLUSTERIP --new --hashmode sourceip-sourceport --clustermac 01:00:5e:00:00:20 --total-nodes 2 --local-node 1; -d 10.1.1.1/32 -j CLUSTERIP --new --hashmode sourceip-sourceport --clustermac 01:00:5E:00:00:20 --total-nodes 2 --local-node 1 --hash-init 0; OK
-d 10.1.1.1/32 -j CLUSTERIP; =; OK
-j CLUSTERIP --new; --new needs; FAIL
-j CLUSTERIP --new --hashmode sourceip --clustermac 02:00:5e:00:00:20 --total-nodes 2 --local-node 1; no multicast address; FAIL
-j CLUSTERIP --new --hashmode x --clustermac 01:00:5e:00:00:20 --total-nodes 2 --local-node 1; bad hash mode; FAIL
-j CLUSTERIP --total-nodes 2; need --new; FAIL
:FORWARD
-d 10.1.1.1/32 -j CLUSTERIP; may be used from INPUT only; FAIL
