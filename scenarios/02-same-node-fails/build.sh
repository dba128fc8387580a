#!/usr/bin/env bash
# Builds the cluster of this story in network namespaces, asks the real kernel every question of the README, and
# collects the dumps. Root on Linux with iproute2, iptables, conntrack, tcpdump, python3, openssl.
#
#   ./build.sh OUT     writes OUT/before (br_netfilter absent on n1), OUT/after (loaded, hairpin on), OUT/kernel.json
#
# The namespaces live in private mount and pid namespaces and die with them. bridge-nf-call-iptables=0 stands in for the absent
# module (the kernel treats both alike); the net.bridge lines are left out of n1's "before" dump for that reason.
set -euo pipefail
if [ "${1:-}" = '' ]; then sed -n '2,8p' "$0" >&2; exit 2; fi
if [ "${NFSIM_LAB:-}" != inside ]; then
  mkdir -p "$1"
  NFSIM_LAB=inside exec unshare --mount --net --pid --mount-proc --fork --kill-child "$0" "$(realpath "$1")"
fi
out=$1
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
mount --make-rprivate /
mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns

CLUSTER=192.168.0.0/17
declare -A UPLINK=([n1]=172.16.30.11 [n2]=172.16.30.12) PODS=([n1]=192.168.0 [n2]=192.168.1) PID NS

# ---- machines ---------------------------------------------------------------
in_node() { local node=$1; shift; nsenter --target "${PID[$node]}" --net -- "$@"; }
in_pod() { local pod=$1; shift; ip netns exec "${NS[$pod]}" "$@"; }

ip link set lo up
ip link add sw type bridge
ip link set sw up
for node in n1 n2; do
  unshare --net sleep infinity & PID[$node]=$!
  sleep 0.2
  ip link add "sw-$node" type veth peer name eth0 netns "${PID[$node]}"
  ip link set "sw-$node" master sw up
  in_node $node ip link set lo up
  in_node $node ip addr add "${UPLINK[$node]}/24" brd + dev eth0
  in_node $node ip link set eth0 up
  in_node $node ip route add default via 172.16.30.1 dev eth0 proto static
  in_node $node sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
  in_node $node ip link add flannel.1 mtu 1450 type vxlan id 1 local "${UPLINK[$node]}" dev eth0 nolearning dstport 8472
  in_node $node ip addr add "${PODS[$node]}.0/32" dev flannel.1
  in_node $node ip link set flannel.1 up
  in_node $node ip link add cni0 mtu 1450 type bridge
  in_node $node ip addr add "${PODS[$node]}.1/24" brd + dev cni0
  in_node $node ip link set cni0 up
done
mac() { in_node "$1" cat /proc/self/net/dev >/dev/null; in_node "$1" ip -o link show flannel.1 | sed 's/.*ether \([^ ]*\).*/\1/'; }
toward() { # node, other node: what flanneld writes for a lease
  in_node "$1" ip neigh replace "${PODS[$2]}.0" lladdr "$(mac "$2")" dev flannel.1 nud permanent
  in_node "$1" bridge fdb replace "$(mac "$2")" dev flannel.1 dst "${UPLINK[$2]}" self permanent
  in_node "$1" ip route add "${PODS[$2]}.0/24" via "${PODS[$2]}.0" dev flannel.1 onlink
}
toward n1 n2; toward n2 n1

cat > "$work/talk.py" <<'PY'
import socket, sys, threading, json, errno
if sys.argv[1] == 'serve':
    def serve(port):
        s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('0.0.0.0', port)); s.listen(64)
        while True:
            c, peer = s.accept()
            try: c.recv(100); c.sendall(peer[0].encode()); c.close()
            except OSError: pass
    for port in sys.argv[2:]: threading.Thread(target=serve, args=(int(port),)).start()
else:
    s = socket.socket(); s.settimeout(4)
    try:
        s.connect((sys.argv[2], int(sys.argv[3]))); s.sendall(b'hello'); seen = s.recv(100).decode(); print('ok', seen)
    except socket.timeout: print('timeout')
    except OSError as e: print({errno.ECONNREFUSED: 'refused', errno.EHOSTUNREACH: 'host-unreachable', errno.ETIMEDOUT: 'timeout'}.get(e.errno, e))
PY

pod() { # node, name, last octet, veth, listening ports...
  local node=$1 name=$2 ip=${PODS[$1]}.$3 veth=$4; shift 4
  NS[$name]=cni-$(printf '%s' "$name" | sha256sum | sed 's/\(.\{8\}\)\(.\{4\}\)\(.\{4\}\)\(.\{4\}\)\(.\{12\}\).*/\1-\2-\3-\4-\5/')
  ip netns add "${NS[$name]}"
  in_node "$node" ip link add "$veth" mtu 1450 type veth peer name eth0 mtu 1450 netns "${NS[$name]}"
  in_node "$node" ip link set "$veth" master cni0 up
  in_pod "$name" ip link set lo up
  in_pod "$name" ip addr add "$ip/24" brd + dev eth0
  in_pod "$name" ip link set eth0 up
  in_pod "$name" ip route add default via "${PODS[$node]}.1" dev eth0
  in_pod "$name" ip route add $CLUSTER via "${PODS[$node]}.1" dev eth0
  if [ $# -gt 0 ]; then in_pod "$name" python3 "$work/talk.py" serve "$@" & fi
}
pod n1 coredns-7c65d6cfc9-4xk2p 231 veth0f2b8c11 53 9153
pod n1 apollo-db-0 233 veth5d9e7a40 3306
pod n1 apollo-configservice-6b8f 234 vethb83c19e6 8080
pod n1 busybox 236 veth71aa04df
pod n2 coredns-7c65d6cfc9-9zq7w 4 vethc02d55ab 53 9153
pod n2 apollo-configservice-h2vd 7 veth3e6f7712 8080
pod n2 apollo-adminservice-5c9d 8 vethd4419b0e 8090
pod n2 apollo-portal-7f6c4 9 veth88e1f3a2 8070
pod n2 busybox-2 11 veth12c5d0b9

# ---- rules, as flannel 0.25 and kube-proxy 1.31 write them -----------------
id() { printf '%s' "$1" | openssl dgst -sha256 -binary | base32 | cut -c1-16; }
nat_chains=() nat_rules=() nat_services=() filter_services=() node_ports=()
service() { # namespace/name:port, proto, cluster ip, port, node port or -, endpoints...
  local name=$1 proto=$2 ip=$3 port=$4 nodeport=$5; shift 5
  local at="-d $ip/32 -p $proto -m comment --comment \"$name cluster IP\" -m $proto --dport $port"
  if [ $# = 0 ]; then
    filter_services+=("-A KUBE-SERVICES -d $ip/32 -p $proto -m comment --comment \"$name has no endpoints\" -m $proto --dport $port -j REJECT --reject-with icmp-port-unreachable")
    return
  fi
  local svc=KUBE-SVC-$(id "$name$proto") left=$# sep
  nat_chains+=("$svc")
  nat_services+=("-A KUBE-SERVICES $at -j $svc")
  nat_rules+=("-A $svc ! -s $CLUSTER $at -j KUBE-MARK-MASQ")
  if [ "$nodeport" != - ]; then
    local ext=KUBE-EXT-$(id "$name$proto")
    nat_chains+=("$ext")
    nat_rules+=("-A $ext -m comment --comment \"masquerade traffic for $name external destinations\" -j KUBE-MARK-MASQ" "-A $ext -j $svc")
    node_ports+=("-A KUBE-NODEPORTS -p $proto -m comment --comment \"$name\" -m $proto --dport $nodeport -j $ext")
  fi
  for endpoint in "$@"; do
    sep=KUBE-SEP-$(id "$name$proto$endpoint")
    local chance=''
    [ $left -gt 1 ] && chance="-m statistic --mode random --probability $(awk "BEGIN { printf \"%.10f\", 1 / $left }") "
    left=$((left - 1))
    nat_chains+=("$sep")
    nat_rules+=("-A $svc -m comment --comment \"$name -> $endpoint\" $chance-j $sep"
      "-A $sep -s ${endpoint%:*}/32 -m comment --comment \"$name\" -j KUBE-MARK-MASQ"
      "-A $sep -p $proto -m comment --comment \"$name\" -m $proto -j DNAT --to-destination $endpoint")
  done
}
service default/kubernetes:https tcp 192.168.128.1 443 - 172.16.30.10:6443
service kube-system/kube-dns:dns udp 192.168.128.10 53 - 192.168.0.231:53 192.168.1.4:53
service kube-system/kube-dns:dns-tcp tcp 192.168.128.10 53 - 192.168.0.231:53 192.168.1.4:53
service kube-system/kube-dns:metrics tcp 192.168.128.10 9153 - 192.168.0.231:9153 192.168.1.4:9153
service apollo/apollo-db:mysql tcp 192.168.134.205 3306 - 192.168.0.233:3306
service apollo/apollo-configservice:http tcp 192.168.201.17 8080 - 192.168.0.234:8080 192.168.1.7:8080
service apollo/apollo-adminservice:http tcp 192.168.166.92 8090 - 192.168.1.8:8090
service apollo/apollo-portal:http tcp 192.168.143.60 8070 30070 192.168.1.9:8070
service kubernetes-dashboard/kubernetes-dashboard:https tcp 192.168.171.20 443 -

rules() { # pod network of the node
  cat <<RULES
*mangle
:KUBE-IPTABLES-HINT - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-PROXY-CANARY - [0:0]
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:FLANNEL-FWD - [0:0]
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-PROXY-CANARY - [0:0]
:KUBE-PROXY-FIREWALL - [0:0]
:KUBE-SERVICES - [0:0]
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-A INPUT -j KUBE-FIREWALL
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -j KUBE-FIREWALL
-A FLANNEL-FWD -s $CLUSTER -m comment --comment "flanneld forward" -j ACCEPT
-A FLANNEL-FWD -d $CLUSTER -m comment --comment "flanneld forward" -j ACCEPT
-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
$(printf '%s\n' "${filter_services[@]}")
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:FLANNEL-POSTRTG - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-PROXY-CANARY - [0:0]
$(printf ':%s - [0:0]\n' KUBE-SERVICES "${nat_chains[@]}")
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG -s $1 -d $CLUSTER -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG -s $CLUSTER -d $1 -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG ! -s $CLUSTER -d $1 -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG -s $CLUSTER ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
-A FLANNEL-POSTRTG ! -s $CLUSTER -d $CLUSTER -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
$(printf '%s\n' "${node_ports[@]}")
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
$(printf '%s\n' "${nat_rules[@]}")
$(printf '%s\n' "${nat_services[@]}")
-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
COMMIT
RULES
}
for node in n1 n2; do rules "${PODS[$node]}.0/24" > "$work/$node.rules"; in_node $node iptables-nft-restore < "$work/$node.rules"; done

# ---- questions ---------------------------------------------------------------
db_veth=veth5d9e7a40
state() { # bridge-nf on n1, hairpin of the database's port
  in_node n1 sysctl -qw net.bridge.bridge-nf-call-iptables="$1" net.bridge.bridge-nf-call-ip6tables="$1" net.bridge.bridge-nf-call-arptables="$1"
  in_node n1 bridge link set dev $db_veth hairpin "$2"
}
flush() { for node in n1 n2; do in_node $node conntrack -F >/dev/null 2>&1; done; }
first=1
ask() { # title, who, address, port
  local title=$1 who=$2 answer
  flush
  if [ "${NS[$who]:-}" ]; then answer=$(in_pod "$who" python3 "$work/talk.py" ask "$3" "$4")
  else answer=$(in_node "$who" python3 "$work/talk.py" ask "$3" "$4"); fi
  [ $first = 1 ] || echo ',' >> "$out/kernel.json"; first=0
  printf '  {"when": "%s", "title": "%s", "from": "%s", "to": "%s:%s", "outcome": "%s", "seen": "%s", "conntrack": [%s]}' \
    "$when" "$title" "$who" "$3" "$4" "${answer%% *}" "$(echo "$answer" | sed -n 's/^ok //p')" \
    "$(in_node n1 conntrack -L 2>/dev/null | sed 's/  *$//; s/.*/"&"/' | paste -sd,)" >> "$out/kernel.json"
  echo "$when: $title: $answer" >&2
}
table() {
  ask 'busybox on the same node to the Service' busybox 192.168.134.205 3306
  ask 'busybox on the same node to the pod address' busybox 192.168.0.233 3306
  ask 'the node itself to the Service' n1 192.168.134.205 3306
  ask 'the node itself to the pod address' n1 192.168.0.233 3306
  ask 'a pod on the other node to the Service' busybox-2 192.168.134.205 3306
  ask 'the other node itself to the Service' n2 192.168.134.205 3306
  ask 'the database to its own Service' apollo-db-0 192.168.134.205 3306
  ask 'busybox to a Service without endpoints' busybox 192.168.171.20 443
}
collect() { # node, folder
  local node=$1 dir=$2/$1; mkdir -p "$dir"
  in_node $node iptables-nft-save > "$dir/iptables-save.txt"
  in_node $node ip -d addr > "$dir/ip-addr.txt"
  in_node $node ip route show table all > "$dir/ip-route.txt"
  in_node $node ip rule > "$dir/ip-rule.txt"
  in_node $node ip neigh > "$dir/ip-neigh.txt"
  in_node $node bridge -d link > "$dir/bridge-link.txt"
  in_node $node bridge fdb > "$dir/bridge-fdb.txt"
  in_node $node sysctl -a 2>/dev/null | grep -E '^net\.(ipv4\.(ip_|conf|tcp_be|fwmark|neigh\.default)|bridge|netfilter)' > "$dir/sysctl.txt"
  in_node $node conntrack -L > "$dir/conntrack.txt" 2>/dev/null
  in_node $node ss -Hlntu > "$dir/ss.txt"
}
collect_pods() { # node, folder, pods...
  local node=$1 dir=$2/$1/netns pod; shift 2
  for pod in "$@"; do
    mkdir -p "$dir/$pod"
    in_pod "$pod" ip -d addr > "$dir/$pod/ip-addr.txt"
    in_pod "$pod" ip route show table all > "$dir/$pod/ip-route.txt"
    in_pod "$pod" ip rule > "$dir/$pod/ip-rule.txt"
    in_pod "$pod" ip neigh > "$dir/$pod/ip-neigh.txt"
    in_pod "$pod" sysctl -a 2>/dev/null | grep -E '^net\.ipv4\.(ip_|conf\.)' > "$dir/$pod/sysctl.txt"
    in_pod "$pod" ss -Hlntu > "$dir/$pod/ss.txt"
  done
}
all() {
  flush
  for node in n1 n2; do collect $node "$1"; done
  collect_pods n1 "$1" coredns-7c65d6cfc9-4xk2p apollo-db-0 apollo-configservice-6b8f busybox
  collect_pods n2 "$1" coredns-7c65d6cfc9-9zq7w apollo-configservice-h2vd apollo-adminservice-5c9d apollo-portal-7f6c4 busybox-2
}

sleep 3 # servers, link-local addresses, bridge ports
printf '{"kernel": "%s", "iptables": "%s", "seen": [\n' "$(uname -r)" "$(iptables-nft -V)" > "$out/kernel.json"
when=before; state 0 off
in_pod busybox tcpdump -lnni eth0 tcp > "$work/capture" 2>/dev/null & capture=$!
sleep 1; ask 'busybox on the same node to the Service (captured)' busybox 192.168.134.205 3306
kill $capture; sleep 0.5; sed 's/^[0-9:.]* //; s/, options.*length/, length/; s/, win [0-9]*//' "$work/capture" | head -12 > "$out/capture.txt"
table
all "$out/before"; sed -i '/^net\.bridge/d' "$out/before/n1/sysctl.txt"
when=after; state 1 off; table
when='after, hairpin on'; state 1 on; table
all "$out/after"
printf '\n]}\n' >> "$out/kernel.json"
