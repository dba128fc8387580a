# What the builds of stories 02 and 04 share: two nodes with flannel (VXLAN) and kube-proxy in iptables mode, in network
# namespaces of this machine. Sourced with the script's own arguments; it goes on inside private mount and pid namespaces,
# which die with it. The sourcing script says CLUSTER (pod CIDR), GATEWAY (of the nodes' network), and by node UPLINK (address)
# and PODS (first three numbers of its pod network); it writes $work/talk.py, the servers and questions of its story.
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
declare -A PID NS NODE

# ---- machines ---------------------------------------------------------------
in_node() { local node=$1; shift; nsenter --target "${PID[$node]}" --net -- "$@"; }
in_pod() { local pod=$1; shift; ip netns exec "${NS[$pod]}" "$@"; }

machine() { # name: a node with its bridge and its end of the tunnel
  local node=$1
  unshare --net sleep infinity & PID[$node]=$!
  sleep 0.2
  ip link add "sw-$node" type veth peer name eth0 netns "${PID[$node]}"
  ip link set "sw-$node" master sw up
  in_node "$node" ip link set lo up
  in_node "$node" ip addr add "${UPLINK[$node]}/24" brd + dev eth0
  in_node "$node" ip link set eth0 up
  in_node "$node" ip route add default via "$GATEWAY" dev eth0 proto static
  in_node "$node" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
  in_node "$node" ip link add flannel.1 mtu 1450 type vxlan id 1 local "${UPLINK[$node]}" dev eth0 nolearning dstport 8472
  in_node "$node" ip addr add "${PODS[$node]}.0/32" dev flannel.1
  in_node "$node" ip link set flannel.1 up
  in_node "$node" ip link add cni0 mtu 1450 type bridge
  in_node "$node" ip addr add "${PODS[$node]}.1/24" brd + dev cni0
  in_node "$node" ip link set cni0 up
}
mac() { in_node "$1" ip -o link show flannel.1 | sed 's/.*ether \([^ ]*\).*/\1/'; }
toward() { # node, other node: what flanneld writes for a lease
  in_node "$1" ip neigh replace "${PODS[$2]}.0" lladdr "$(mac "$2")" dev flannel.1 nud permanent
  in_node "$1" bridge fdb replace "$(mac "$2")" dev flannel.1 dst "${UPLINK[$2]}" self permanent
  in_node "$1" ip route add "${PODS[$2]}.0/24" via "${PODS[$2]}.0" dev flannel.1 onlink
}
machines() { # the two nodes, on one switch
  ip link set lo up
  ip link add sw type bridge
  ip link set sw up
  machine "$1"; machine "$2"
  toward "$1" "$2"; toward "$2" "$1"
}

HAIRPIN=off # of the ports of pods
pod() { # node, name, last octet, veth, what talk.py serves there...
  local node=$1 name=$2 ip=${PODS[$1]}.$3 veth=$4; shift 4
  NS[$name]=cni-$(printf '%s' "$name" | sha256sum | sed 's/\(.\{8\}\)\(.\{4\}\)\(.\{4\}\)\(.\{4\}\)\(.\{12\}\).*/\1-\2-\3-\4-\5/')
  NODE[$name]=$node
  ip netns add "${NS[$name]}"
  in_node "$node" ip link add "$veth" mtu 1450 type veth peer name eth0 mtu 1450 netns "${NS[$name]}"
  in_node "$node" ip link set "$veth" master cni0 up
  in_node "$node" bridge link set dev "$veth" hairpin $HAIRPIN
  in_pod "$name" ip link set lo up
  in_pod "$name" ip addr add "$ip/24" brd + dev eth0
  in_pod "$name" ip link set eth0 up
  in_pod "$name" ip route add default via "${PODS[$node]}.1" dev eth0
  in_pod "$name" ip route add $CLUSTER via "${PODS[$node]}.1" dev eth0
  if [ $# -gt 0 ]; then in_pod "$name" python3 "$work/talk.py" serve "$@" & fi
}

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

FLANNEL_FORWARDS=yes # no: as with --iptables-forward-rules=false, and before 0.10
rules() { # pod network of the node, rules before kubelet's in INPUT, FORWARD policy
  local chain='' jump='' accept='' said='-m comment --comment "flanneld forward"'
  if [ $FLANNEL_FORWARDS = yes ]; then
    chain=':FLANNEL-FWD - [0:0]' jump="-A FORWARD $said -j FLANNEL-FWD"
    accept="-A FLANNEL-FWD -s $CLUSTER $said -j ACCEPT
-A FLANNEL-FWD -d $CLUSTER $said -j ACCEPT"
  fi
  cat <<RULES
*mangle
:KUBE-IPTABLES-HINT - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-PROXY-CANARY - [0:0]
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD $3 [0:0]
:OUTPUT ACCEPT [0:0]
$chain
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
$2
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
$jump
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -j KUBE-FIREWALL
$accept
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

# ---- questions and dumps ----------------------------------------------------
flush() { local node; for node in "${!PID[@]}"; do in_node "$node" conntrack -F >/dev/null 2>&1; done; }
entries() { in_node "$1" conntrack -L 2>/dev/null | sed 's/  *$//; s/.*/"&"/' | paste -sd,; }
asked() { # who, address, port: what talk.py has to say
  if [ "${NS[$1]:-}" ]; then in_pod "$1" python3 "$work/talk.py" ask "$2" "$3"
  else in_node "$1" python3 "$work/talk.py" ask "$2" "$3"; fi
}
collect_into() { # folder, namespace command...
  local dir=$1; shift; mkdir -p "$dir"
  "$@" ip -d addr > "$dir/ip-addr.txt"
  "$@" ip route show table all > "$dir/ip-route.txt"
  "$@" ip rule > "$dir/ip-rule.txt"
  "$@" ip neigh > "$dir/ip-neigh.txt"
  "$@" ss -Hlntu > "$dir/ss.txt"
}
collect() { # folder, which sysctls of a node, which of a pod (extended regular expressions)
  local node pod
  for node in "${!PID[@]}"; do
    collect_into "$1/$node" in_node "$node"
    in_node "$node" iptables-nft-save > "$1/$node/iptables-save.txt"
    in_node "$node" bridge -d link > "$1/$node/bridge-link.txt"
    in_node "$node" bridge fdb > "$1/$node/bridge-fdb.txt"
    in_node "$node" sysctl -a 2>/dev/null | grep -E "$2" > "$1/$node/sysctl.txt"
    in_node "$node" conntrack -L > "$1/$node/conntrack.txt" 2>/dev/null
  done
  for pod in "${!NS[@]}"; do
    collect_into "$1/${NODE[$pod]}/netns/$pod" in_pod "$pod"
    in_pod "$pod" sysctl -a 2>/dev/null | grep -E "$3" > "$1/${NODE[$pod]}/netns/$pod/sysctl.txt"
  done
}
