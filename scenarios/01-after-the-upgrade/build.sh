#!/bin/bash
# Builds the cluster of this story, asks the kernel every question, collects the dumps into $OUT. Run it as root in a throw-away
# virtual machine that has IPVS, beside ../ipvs-lab.sh.
cd "$(dirname "$0")" || exit 1
CLUSTER=10.233.64.0/18 MASQ=cidr NODES=node1
. ./ipvs-lab.sh
# after the reboot: nobody has loaded br_netfilter
modprobe br_netfilter; rmmod br_netfilter

switch; node node1 192.168.20.31/24 192.168.20.1
ip netns add gw; ip -n gw link add eth0 type veth peer name up-gw netns switch; ip -n switch link set up-gw master br0 up
ip -n gw link set lo up; ip -n gw addr add 192.168.20.1/24 dev eth0; ip -n gw link set eth0 up
ip -n node1 link add docker0 type bridge; ip -n node1 addr add 172.17.0.1/16 brd + dev docker0; ip -n node1 link set docker0 up
bridge_of node1 10.233.64.1/24; flannel node1 10.233.64.0 192.168.20.31
ip -n node1 link add nodelocaldns type dummy; ip -n node1 addr add 169.254.25.10/32 dev nodelocaldns
G=10.233.64.1
pod node1 coredns-8474476ff8-6v4kp 10.233.64.7/24 $G veth1b9e02d4 on tcp/53 udp/53 tcp/9153
pod node1 dns-autoscaler-7df78bfcfb-sfnbq 10.233.64.8/24 $G veth9c31a7f0 on
pod node1 redis-0 10.233.64.58/24 $G veth53d2e88b on tcp/6379
pod node1 web-5d9bb6bd8c-z7rhk 10.233.64.43/24 $G vetha4417c36 on tcp/80
pod node1 milvus-standalone-0 10.233.64.77/24 $G veth0e6fb519 on tcp/19530 tcp/9091
pod node1 minio-6fc9c7c6d4-8jq2m 10.233.64.81/24 $G vethd8035a1e on tcp/9000
pod node1 mysql-0 10.233.64.90/24 $G veth72c6be43 on tcp/3306
pod node1 api-7f6b8d7d5f-m9l5t 10.233.64.250/24 $G vethc0ffa2d7 on tcp/8080
SERVERS+=("node1 tcp/6443" "node1 tcp/10250" "node1 udp/53" "node1 tcp/53")

service default/kubernetes:https tcp 10.233.0.1 443 - 192.168.20.31:6443
service kube-system/coredns:dns udp 10.233.0.3 53 - 10.233.64.7:53
service kube-system/coredns:dns-tcp tcp 10.233.0.3 53 - 10.233.64.7:53
service kube-system/coredns:metrics tcp 10.233.0.3 9153 - 10.233.64.7:9153
service shop/web:http tcp 10.233.42.160 80 - 10.233.64.43:80
service shop/redis:redis tcp 10.233.36.146 6379 - 10.233.64.58:6379
service shop/mysql:mysql tcp 10.233.18.207 3306 - 10.233.64.90:3306
service shop/api:http tcp 10.233.9.114 8080 30880 10.233.64.250:8080
service vector/milvus:grpc tcp 10.233.57.92 19530 - 10.233.64.77:19530
service vector/milvus:metrics tcp 10.233.57.92 9091 - 10.233.64.77:9091
service vector/minio:api tcp 10.233.29.5 9000 - 10.233.64.81:9000
service monitoring/prometheus:web tcp 10.233.50.61 9090 -
services_of node1 192.168.20.31 10.233.64.

{
  kube_nat ':DOCKER - [0:0]
:KUBE-PROXY-CANARY - [0:0]' '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A POSTROUTING -s 10.233.64.0/18 -d 10.233.64.0/18 -j RETURN
-A POSTROUTING -s 10.233.64.0/18 ! -d 224.0.0.0/4 -j MASQUERADE --random-fully
-A POSTROUTING ! -s 10.233.64.0/18 -d 10.233.64.0/24 -j RETURN
-A POSTROUTING ! -s 10.233.64.0/18 -d 10.233.64.0/18 -j MASQUERADE --random-fully
-A DOCKER -i docker0 -j RETURN'
  cat <<'R'
*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -d 169.254.25.10/32 -p udp -m udp --dport 53 -m comment --comment "NodeLocal DNS Cache: skip conntrack" -j NOTRACK
-A PREROUTING -d 169.254.25.10/32 -p tcp -m tcp --dport 53 -m comment --comment "NodeLocal DNS Cache: skip conntrack" -j NOTRACK
-A OUTPUT -s 169.254.25.10/32 -p tcp -m tcp --sport 53 -m comment --comment "NodeLocal DNS Cache: skip conntrack" -j NOTRACK
-A OUTPUT -s 169.254.25.10/32 -p udp -m udp --sport 53 -m comment --comment "NodeLocal DNS Cache: skip conntrack" -j NOTRACK
-A OUTPUT -d 169.254.25.10/32 -p udp -m udp --dport 53 -m comment --comment "NodeLocal DNS Cache: skip conntrack" -j NOTRACK
-A OUTPUT -d 169.254.25.10/32 -p tcp -m tcp --dport 53 -m comment --comment "NodeLocal DNS Cache: skip conntrack" -j NOTRACK
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-PROXY-CANARY - [0:0]
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-FORWARD - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-NODE-PORT - [0:0]
:KUBE-PROXY-CANARY - [0:0]
-A INPUT -d 169.254.25.10/32 -p udp -m udp --dport 53 -m comment --comment "NodeLocal DNS Cache: allow DNS traffic" -j ACCEPT
-A INPUT -d 169.254.25.10/32 -p tcp -m tcp --dport 53 -m comment --comment "NodeLocal DNS Cache: allow DNS traffic" -j ACCEPT
-A INPUT -m comment --comment "kubernetes health check rules" -j KUBE-NODE-PORT
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-A INPUT -j KUBE-FIREWALL
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-FORWARD
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-A FORWARD -s 10.233.64.0/18 -j ACCEPT
-A FORWARD -d 10.233.64.0/18 -j ACCEPT
-A OUTPUT -s 169.254.25.10/32 -p udp -m udp --sport 53 -m comment --comment "NodeLocal DNS Cache: allow DNS traffic" -j ACCEPT
-A OUTPUT -s 169.254.25.10/32 -p tcp -m tcp --sport 53 -m comment --comment "NodeLocal DNS Cache: allow DNS traffic" -j ACCEPT
-A OUTPUT -j KUBE-FIREWALL
-A DOCKER ! -i docker0 -o docker0 -j DROP
-A DOCKER-FORWARD -j DOCKER-ISOLATION-STAGE-1
-A DOCKER-FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD -o docker0 -j DOCKER
-A DOCKER-FORWARD -i docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-USER -j RETURN
-A KUBE-EXTERNAL-SERVICES -d 10.233.57.92/32 -p tcp -m comment --comment "vector/milvus:grpc has no endpoints" -m tcp --dport 19530 -j REJECT --reject-with icmp-port-unreachable
-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack pod source rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
R
} > rules
on node1 iptables-restore < rules
serve

C=api-7f6b8d7d5f-m9l5t
begin
table() { # when
  ask "$1" 'pod to pod' $C tcp 10.233.64.43 80
  ask "$1" 'host to Service' node1 tcp 10.233.42.160 80
  ask "$1" 'pod to Service' $C tcp 10.233.42.160 80
  ask "$1" 'pod to the redis Service' $C tcp 10.233.36.146 6379
  ask "$1" 'pod to the vector database' $C tcp 10.233.57.92 19530
  ask "$1" 'host to the vector database' node1 tcp 10.233.57.92 19530
  ask "$1" 'pod to its own Service' $C tcp 10.233.9.114 8080
  ask "$1" 'pod to DNS' $C udp 10.233.0.3 53
  ask "$1" 'pod to a Service without endpoints' $C tcp 10.233.50.61 9090
}
on $C tcpdump -p -lnni eth0 'tcp' > all 2>/dev/null & on $C tcpdump -p -lnni eth0 host 10.233.42.160 > some 2>/dev/null &
sleep 2; PATIENCE=8 ask before 'pod to Service (captured)' $C tcp 10.233.42.160 80 40714; sleep 1; kill $(pgrep tcpdump)
sed 's/, options .*length/, length/' all > "$OUT/capture-unfiltered.txt"; sed 's/, options .*length/, length/' some > "$OUT/capture-filtered.txt"
collect node1 before
table before
modprobe br_netfilter; on node1 sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1 net.bridge.bridge-nf-call-arptables=1
table 'br_netfilter loaded'
on node1 iptables -D KUBE-EXTERNAL-SERVICES 1
table 'and the left-over rule deleted'
on node1 conntrack -F 2>/dev/null
collect node1 after
end
kill $(jobs -p) 2>/dev/null; exit 0
