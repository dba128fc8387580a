#!/bin/bash
# Builds the cluster of this story, asks the kernel every question, collects the dumps into $OUT. Run it as root in a throw-away
# virtual machine that has IPVS, beside ../ipvs-lab.sh.
cd "$(dirname "$0")" || exit 1
CLUSTER=10.224.0.0/16 MASQ=cidr NODES='node1 node2'
. ./ipvs-lab.sh
modprobe br_netfilter
# the two words of the story: changed by hand
by_hand() { on "$1" sysctl -qw net.bridge.bridge-nf-call-iptables="$2" net.bridge.bridge-nf-call-ip6tables="$3"; }

switch; node node1 172.18.5.21/24; node node2 172.18.5.22/24
for i in 1 2; do
  bridge_of node$i 10.224.$i.1/24 fd00:10:224:$i::1/64; flannel node$i 10.224.$i.0 172.18.5.2$i
  on node$i sysctl -qw net.ipv6.conf.all.forwarding=1; by_hand node$i 0 0
done
on switch sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0
flannel_peer node1 10.224.2.0/24 10.224.2.0 172.18.5.22 node2
flannel_peer node2 10.224.1.0/24 10.224.1.0 172.18.5.21 node1
p() { # node name last-octet veth listeners...
  local i=${1#node}; local node=$1 name=$2 n=$3 veth=$4; shift 4
  pod "$node" "$name" 10.224.$i.$n/24 10.224.$i.1 "$veth" on "$@" 6:fd00:10:224:$i::$n/64@fd00:10:224:$i::1
}
p node1 gateway-7c9f8b6f6d-kx2rm 34 veth4de1b07a
p node1 orders-6d5c9f7b9c-q8wvt 56 veth8c0f93e6 tcp/8080 tcp6/8080
p node1 coredns-5c98db65d4-h5xkn 7 vethb7712d0c tcp/53 udp/53
p node1 nginx-ingress-controller-rt6z9 12 veth01d9ce4f tcp/80 tcp/443
p node2 billing-5b7b6f5b5d-2v4cj 71 veth3a9d22c8 tcp/8080
p node2 coredns-5c98db65d4-wz7qd 9 veth6fe0517b tcp/53 udp/53
SERVERS+=("node1 tcp/6443" "node1 tcp/10250" "node2 tcp/10250")

service default/kubernetes:https tcp 10.233.0.1 443 - 172.18.5.21:6443
service kube-system/kube-dns:dns udp 10.233.0.10 53 - 10.224.1.7:53 10.224.2.9:53
service kube-system/kube-dns:dns-tcp tcp 10.233.0.10 53 - 10.224.1.7:53 10.224.2.9:53
service shop/orders:http tcp 10.233.53.172 8080 - 10.224.1.56:8080
service shop/billing:http tcp 10.233.21.40 8080 - 10.224.2.71:8080
service ingress-nginx/ingress-nginx:http tcp 10.233.7.98 80 32080 10.224.1.12:80
service ingress-nginx/ingress-nginx:https tcp 10.233.7.98 443 32443 10.224.1.12:443
service shop/orders6:http tcp fd00:10:233::53:172 8080 - '[fd00:10:224:1::56]:8080'
services_of node1 172.18.5.21 10.224.1.
services_of node2 172.18.5.22 10.224.2.

for i in 1 2; do
  {
    ports=; [ $i = 1 ] && ports='-A CNI-DN-3d5a8f0bb6c1c8b1c9b6c -s 10.224.1.0/24 -p tcp -m tcp --dport 80 -j CNI-HOSTPORT-SETMARK
-A CNI-DN-3d5a8f0bb6c1c8b1c9b6c -s 127.0.0.1/32 -p tcp -m tcp --dport 80 -j CNI-HOSTPORT-SETMARK
-A CNI-DN-3d5a8f0bb6c1c8b1c9b6c -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.224.1.12:80
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \"cbr0\" id: \"8e0f3a1d\"" -m multiport --dports 80 -j CNI-DN-3d5a8f0bb6c1c8b1c9b6c
'
    kube_nat ':CNI-DN-3d5a8f0bb6c1c8b1c9b6c - [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
:CNI-HOSTPORT-MASQ - [0:0]
:CNI-HOSTPORT-SETMARK - [0:0]' "-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A POSTROUTING -m comment --comment \"CNI portfwd requiring masquerade\" -j CNI-HOSTPORT-MASQ
-A POSTROUTING -s 10.224.0.0/16 -d 10.224.0.0/16 -j RETURN
-A POSTROUTING -s 10.224.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE --random-fully
-A POSTROUTING ! -s 10.224.0.0/16 -d 10.224.$i.0/24 -j RETURN
-A POSTROUTING ! -s 10.224.0.0/16 -d 10.224.0.0/16 -j MASQUERADE --random-fully
${ports}-A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE
-A CNI-HOSTPORT-SETMARK -m comment --comment \"CNI portfwd masquerade mark\" -j MARK --set-xmark 0x2000/0x2000"
    cat <<'R'
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-FORWARD - [0:0]
-A INPUT -j KUBE-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -s 10.224.0.0/16 -j ACCEPT
-A FORWARD -d 10.224.0.0/16 -j ACCEPT
-A OUTPUT -j KUBE-FIREWALL
-A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -s 10.224.0.0/16 -m comment --comment "kubernetes forwarding conntrack pod source rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-FORWARD -d 10.224.0.0/16 -m comment --comment "kubernetes forwarding conntrack pod destination rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
R
  } > rules; on node$i iptables-restore < rules
  printf '*nat\n:KUBE-POSTROUTING - [0:0]\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\n-A OUTPUT -j KUBE-SERVICES\n-A POSTROUTING -j KUBE-POSTROUTING\n-A KUBE-SERVICES -m set --match-set KUBE-6-CLUSTER-IP dst,dst -j ACCEPT\nCOMMIT\n' | on node$i ip6tables-restore
done
serve

C=gateway-7c9f8b6f6d-kx2rm
for x in node1 node2; do on $x ping -c1 -W1 10.224.1.56 >/dev/null; on $x ping -c1 -W1 10.224.2.71 > /dev/null; done
begin
table() { # when
  ask "$1" 'pod to Service, backend on the same node' $C tcp 10.233.53.172 8080 56916
  ask "$1" 'pod to the backend itself' $C tcp 10.224.1.56 8080
  ask "$1" 'pod to Service, backend on the other node' $C tcp 10.233.21.40 8080
  ask "$1" 'host to Service' node1 tcp 10.233.53.172 8080
  ask "$1" 'pod to the IPv6 Service' $C tcp fd00:10:233::53:172 8080
  ask "$1" 'pod of the other node to Service' billing-5b7b6f5b5d-2v4cj tcp 10.233.53.172 8080
}
capture() { # name
  on $C tcpdump -p -lnni eth0 tcp port 8080 > all 2>/dev/null & sleep 4
  ask "$1" 'pod to Service (captured)' $C tcp 10.233.53.172 8080 56916; sleep 1; kill $(pgrep tcpdump); sed 's/, options .*length/, length/' all > "$OUT/capture-$1.txt"
}
for n in node1 node2; do on $n conntrack -F 2>/dev/null; collect $n .; done
capture before
table before
by_hand node1 1 0; table 'bridge-nf-call-iptables 1'
capture after
by_hand node1 1 1; ask 'bridge-nf-call-ip6tables 1 as well' 'pod to the IPv6 Service' $C tcp fd00:10:233::53:172 8080
end
kill $(jobs -p) 2>/dev/null; exit 0
