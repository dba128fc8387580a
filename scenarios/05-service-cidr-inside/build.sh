#!/bin/bash
# Builds the cluster of this story, asks the kernel every question, collects the dumps into $OUT. Run it as root in a throw-away
# virtual machine that has IPVS, beside ../ipvs-lab.sh, with one word: inside (the story), apart (Service CIDR outside the
# ClusterCIDR), snat (the other cure).
cd "$(dirname "$0")" || exit 1
WORLD=${1:-inside}
CLUSTER=10.28.0.0/16 MASQ=cidr NODES='node1 node2'
SVC=10.28.248; [ "$WORLD" = apart ] && SVC=10.96.0
. ./ipvs-lab.sh
modprobe br_netfilter
switch; on switch sysctl -qw net.bridge.bridge-nf-call-iptables=0
flat() { # node number: cni0 and eth0 are one network, and the node's own address is on the bridge
  local n=node$1; ip netns add "$n"; NS[$n]=$n; ip -n "$n" link set lo up
  ip -n "$n" link add eth0 type veth peer name "up-$n" netns switch; ip -n switch link set "up-$n" master br0 up
  ip -n "$n" link add cni0 type bridge; ip -n "$n" link set eth0 master cni0 up
  ip -n "$n" addr add "10.28.252.24$1/16" brd + dev cni0; ip -n "$n" addr add "10.28.$1.1/24" brd + dev cni0; ip -n "$n" link set cni0 up
  on "$n" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.vs.conntrack=1 net.ipv4.vs.conn_reuse_mode=0 net.ipv4.vs.expire_nodest_conn=1 \
    net.ipv4.vs.expire_quiescent_template=1 net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
}
flat 1; flat 2
# no routes between them: every pod is on the link for a node, whose address has 16 bits of network
ip -n node1 route add default via 10.28.0.1 dev cni0; ip -n node2 route add default via 10.28.0.1 dev cni0
pod node1 web-6c9d6c9d7b-4m2xh 10.28.1.2/24 10.28.1.1 veth5a1d9e30 off tcp/80
pod node1 coredns-66bff467f8-2hjx5 10.28.1.5/24 10.28.1.1 vethf3c07b11 off tcp/53 udp/53 tcp/9153
pod node1 busybox 10.28.1.9/24 10.28.1.1 veth09aa4c7d off
pod node2 web-6c9d6c9d7b-pt8lr 10.28.2.2/24 10.28.2.1 veth71e8b2f4 off tcp/80
pod node2 coredns-66bff467f8-kq7dv 10.28.2.5/24 10.28.2.1 vethc46d10a9 off tcp/53 udp/53 tcp/9153
pod node2 metrics-server-7f96bbcc66-s5zzn 10.28.2.7/24 10.28.2.1 veth2e5f83bb off tcp/4443
SERVERS+=("node1 tcp/6443" "node1 tcp/10250" "node2 tcp/10250")

service default/kubernetes:https tcp $SVC.1 443 - 10.28.252.241:6443
service kube-system/kube-dns:dns udp $SVC.10 53 - 10.28.1.5:53 10.28.2.5:53
service kube-system/kube-dns:dns-tcp tcp $SVC.10 53 - 10.28.1.5:53 10.28.2.5:53
service kube-system/kube-dns:metrics tcp $SVC.10 9153 - 10.28.1.5:9153 10.28.2.5:9153
service default/web-far:http tcp $SVC.11 80 - 10.28.2.2:80
service default/web-near:http tcp $SVC.12 80 - 10.28.1.2:80
service kube-system/metrics-server:https tcp $SVC.144 443 - 10.28.2.7:4443
service default/web-node-port:http tcp $SVC.203 80 30080 10.28.1.2:80 10.28.2.2:80
services_of node1 10.28.252.241 10.28.1.
services_of node2 10.28.252.242 10.28.2.
{
  kube_nat '' ''
  cat <<'R'
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-FORWARD - [0:0]
-A INPUT -j KUBE-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A OUTPUT -j KUBE-FIREWALL
-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP
-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -s 10.28.0.0/16 -m comment --comment "kubernetes forwarding conntrack pod source rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-FORWARD -d 10.28.0.0/16 -m comment --comment "kubernetes forwarding conntrack pod destination rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
R
} | grep -v '^$' > rules
on node1 iptables-restore < rules; on node2 iptables-restore < rules
[ "$WORLD" = snat ] && on node1 iptables -t nat -A POSTROUTING -s 10.28.0.0/16 -j SNAT --to-source 10.28.252.241
serve
begin
ask "$WORLD" 'node to ClusterIP, backend on this node' node1 tcp $SVC.12 80
ask "$WORLD" 'node to ClusterIP, backend on another node' node1 tcp $SVC.11 80
on node1 conntrack -F 2>/dev/null; on node2 conntrack -F 2>/dev/null
if [ "$WORLD" = inside ]; then
  on web-6c9d6c9d7b-pt8lr tcpdump -p -lnni eth0 tcp port 80 > all 2>/dev/null & sleep 5
  ask "$WORLD" 'the same, captured at the backend' node1 tcp $SVC.11 80; sleep 1; kill $(pgrep tcpdump)
  sed 's/, options .*length/, length/' all > "$OUT/capture-backend.txt"
fi
ask "$WORLD" 'the other node to the same ClusterIP' node2 tcp $SVC.11 80
ask "$WORLD" 'pod to ClusterIP, backend on this node' busybox tcp $SVC.12 80
ask "$WORLD" 'pod to ClusterIP, backend on another node' busybox tcp $SVC.11 80
ask "$WORLD" 'node to the backend itself' node1 tcp 10.28.2.2 80
on node1 conntrack -F 2>/dev/null; on node2 conntrack -F 2>/dev/null
collect node1 .; collect node2 .
end
kill $(jobs -p) 2>/dev/null; exit 0
