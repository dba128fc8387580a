#!/usr/bin/env bash
# Builds the two hosts of this story in network namespaces, asks the real kernel every question of the README, and
# collects the dumps. Root on Linux with iproute2, iptables, conntrack, python3, openssl.
#
#   ./build.sh OUT     writes OUT/{plain,firewalled,forward-drop,pods-only}, each with dumps and kernel.json
#
# The namespaces live in private mount and pid namespaces and die with them. The row about the full conntrack table is not
# in here: nf_conntrack_max belongs to the machine, not to a namespace. table-full.sh asks it, in a virtual machine.
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

CLUSTER=10.244.0.0/16
declare -A UPLINK=([hosta]=192.168.1.10 [hostb]=192.168.1.11) PODS=([hosta]=10.244.1 [hostb]=10.244.2) PID NS NODE

# ---- machines ---------------------------------------------------------------
in_node() { local node=$1; shift; nsenter --target "${PID[$node]}" --net -- "$@"; }
in_pod() { local pod=$1; shift; ip netns exec "${NS[$pod]}" "$@"; }

ip link set lo up
ip link add sw type bridge
ip link set sw up
for node in hosta hostb; do
  unshare --net sleep infinity & PID[$node]=$!
  sleep 0.2
  ip link add "sw-$node" type veth peer name eth0 netns "${PID[$node]}"
  ip link set "sw-$node" master sw up
  in_node $node ip link set lo up
  in_node $node ip addr add "${UPLINK[$node]}/24" brd + dev eth0
  in_node $node ip link set eth0 up
  in_node $node ip route add default via 192.168.1.1 dev eth0 proto static
  in_node $node sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
  in_node $node ip link add flannel.1 mtu 1450 type vxlan id 1 local "${UPLINK[$node]}" dev eth0 nolearning dstport 8472
  in_node $node ip addr add "${PODS[$node]}.0/32" dev flannel.1
  in_node $node ip link set flannel.1 up
  in_node $node ip link add cni0 mtu 1450 type bridge
  in_node $node ip addr add "${PODS[$node]}.1/24" brd + dev cni0
  in_node $node ip link set cni0 up
done
mac() { in_node "$1" ip -o link show flannel.1 | sed 's/.*ether \([^ ]*\).*/\1/'; }
toward() { # host, other host: what flanneld writes for a lease
  in_node "$1" ip neigh replace "${PODS[$2]}.0" lladdr "$(mac "$2")" dev flannel.1 nud permanent
  in_node "$1" bridge fdb replace "$(mac "$2")" dev flannel.1 dst "${UPLINK[$2]}" self permanent
  in_node "$1" ip route add "${PODS[$2]}.0/24" via "${PODS[$2]}.0" dev flannel.1 onlink
}
toward hosta hostb; toward hostb hosta

# Servers say whom they saw. `hold` keeps one question in the air, so that conntrack.txt has something to show.
cat > "$work/talk.py" <<'PY'
import errno, socket, sys, threading, time
what, *rest = sys.argv[1:]
if what == 'serve':
    def tcp(address, port):
        s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind((address, port)); s.listen(64)
        def answer(c, peer):
            try:
                while c.recv(100): c.sendall(peer[0].encode())
            except OSError: pass
        while True: threading.Thread(target=answer, args=s.accept()).start()
    def udp(address, port):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((address, port))
        while True:
            data, peer = s.recvfrom(100); s.sendto(peer[0].encode(), peer)
    for spec in rest:
        kind, address, port = spec.split(',')
        threading.Thread(target=tcp if kind == 'tcp' else udp, args=(address, int(port))).start()
elif what == 'hold':
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if rest[0] == 'tcp' else socket.SOCK_DGRAM)
    s.bind(('', int(rest[3]))); s.connect((rest[1], int(rest[2])))
    while True:
        s.send(b'x'); s.recv(100); time.sleep(1)
else:
    s = socket.socket(); s.settimeout(3)
    try:
        s.connect((rest[0], int(rest[1]))); s.sendall(b'hello'); print('ok', s.recv(100).decode())
    except socket.timeout: print('timeout')
    except OSError as e: print({errno.ECONNREFUSED: 'refused', errno.EHOSTUNREACH: 'host-unreachable', errno.ETIMEDOUT: 'timeout'}.get(e.errno, e))
PY

pod() { # host, name, last octet, veth, tcp ports...
  local node=$1 name=$2 ip=${PODS[$1]}.$3 veth=$4; shift 4
  NS[$name]=cni-$(printf '%s' "$name" | sha256sum | sed 's/\(.\{8\}\)\(.\{4\}\)\(.\{4\}\)\(.\{4\}\)\(.\{12\}\).*/\1-\2-\3-\4-\5/')
  NODE[$name]=$node
  ip netns add "${NS[$name]}"
  in_node "$node" ip link add "$veth" mtu 1450 type veth peer name eth0 mtu 1450 netns "${NS[$name]}"
  in_node "$node" ip link set "$veth" master cni0 up
  in_node "$node" bridge link set dev "$veth" hairpin on
  in_pod "$name" ip link set lo up
  in_pod "$name" ip addr add "$ip/24" brd + dev eth0
  in_pod "$name" ip link set eth0 up
  in_pod "$name" ip route add default via "${PODS[$node]}.1" dev eth0
  in_pod "$name" ip route add $CLUSTER via "${PODS[$node]}.1" dev eth0
  if [ $# -gt 0 ]; then in_pod "$name" python3 "$work/talk.py" serve "${@/#/tcp,0.0.0.0,}" & fi
}
pod hosta app 2 vetha11cf302 8080
pod hosta coredns-5d78c9869d-7hq2m 3 veth3b90e1d7 53 9153
pod hosta orders-6c9b4f7d5-x2mzl 4 veth90f7c2aa 8080
pod hostb batch 3 vethbb20d41e 8080
pod hostb coredns-5d78c9869d-wk4zs 4 veth5e0c77b1 53 9153
pod hostb orders-6c9b4f7d5-q8nvd 5 vethd1a94c60 8080
pod hostb grafana-0 6 veth7742be09 3000
# etcd's client port is open to all, its metrics to the host alone; statsd takes datagrams
in_node hosta python3 "$work/talk.py" serve tcp,0.0.0.0,2483 tcp,0.0.0.0,6443 tcp,127.0.0.1,2381 udp,0.0.0.0,8125 tcp,0.0.0.0,10250 &
in_node hostb python3 "$work/talk.py" serve tcp,0.0.0.0,10250 tcp,127.0.0.1,10248 &

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
service default/kubernetes:https tcp 10.96.0.1 443 - 192.168.1.10:6443
service kube-system/kube-dns:dns udp 10.96.0.10 53 - 10.244.1.3:53 10.244.2.4:53
service kube-system/kube-dns:dns-tcp tcp 10.96.0.10 53 - 10.244.1.3:53 10.244.2.4:53
service kube-system/kube-dns:metrics tcp 10.96.0.10 9153 - 10.244.1.3:9153 10.244.2.4:9153
service shop/orders:http tcp 10.96.41.207 80 - 10.244.1.4:8080 10.244.2.5:8080
service shop/etcd-outside:client tcp 10.96.77.12 2483 - 192.168.1.10:2483
service monitoring/grafana:http tcp 10.96.130.5 80 30300 10.244.2.6:3000
service monitoring/prometheus:http tcp 10.96.130.6 9090 -

# Flannel runs with --iptables-forward-rules=false, as it did before 0.10: no FLANNEL-FWD. $2: rules before kubelet's in INPUT; $3: policy of FORWARD.
rules() { # pod network of the host, INPUT rules, FORWARD policy
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
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -j KUBE-FIREWALL
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
state() { # INPUT rules of host A, FORWARD policy of both
  in_node hosta iptables-nft-restore <<< "$(rules 10.244.1.0/24 "$1" "$2")"
  in_node hostb iptables-nft-restore <<< "$(rules 10.244.2.0/24 '' "$2")"
}

# ---- questions ---------------------------------------------------------------
flush() { for node in hosta hostb; do in_node $node conntrack -F >/dev/null 2>&1; done; }
entries() { in_node "$1" conntrack -L 2>/dev/null | sed 's/  *$//; s/.*/"&"/' | paste -sd,; }
ask() { # title, who, address, port
  local answer comma=','
  flush
  if [ "${NS[$2]:-}" ]; then answer=$(in_pod "$2" python3 "$work/talk.py" ask "$3" "$4")
  else answer=$(in_node "$2" python3 "$work/talk.py" ask "$3" "$4"); fi
  [ $first = 1 ] && comma=''; first=0
  printf '%s\n  {"title": "%s", "from": "%s", "to": "%s:%s", "outcome": "%s", "seen": "%s",\n   "conntrack": {"hosta": [%s], "hostb": [%s]}}' \
    "$comma" "$1" "$2" "$3" "$4" "${answer%% *}" "$(echo "$answer" | sed -n 's/^ok //p')" "$(entries hosta)" "$(entries hostb)" >> "$json"
  echo "$variant: $1: $answer" >&2
}
table() {
  ask "a pod to a port of its own host" app 192.168.1.10 2483
  ask "a pod to a port that listens on 127.0.0.1 only" app 192.168.1.10 2381
  ask "a pod to its host by the bridge's address" app 10.244.1.1 2483
  ask "a pod of the other host to the port" batch 192.168.1.10 2483
  ask "a pod of the other host to a pod" batch 10.244.1.2 8080
  ask "a hostNetwork pod to the port of its host" hosta 192.168.1.10 2483
  ask "the other host to the port" hostb 192.168.1.10 2483
  ask "a pod to the port by a Service" app 10.96.77.12 2483
  ask "a pod of the other host to the port by a Service" batch 10.96.77.12 2483
}
collect_into() { # folder, netns command...
  local dir=$1; shift; mkdir -p "$dir"
  "$@" ip -d addr > "$dir/ip-addr.txt"
  "$@" ip route show table all > "$dir/ip-route.txt"
  "$@" ip rule > "$dir/ip-rule.txt"
  "$@" ip neigh > "$dir/ip-neigh.txt"
  "$@" ss -Hlntu > "$dir/ss.txt"
}
collect() { # folder
  local node pod
  for node in hosta hostb; do
    collect_into "$1/$node" in_node $node
    in_node $node iptables-nft-save > "$1/$node/iptables-save.txt"
    in_node $node bridge -d link > "$1/$node/bridge-link.txt"
    in_node $node bridge fdb > "$1/$node/bridge-fdb.txt"
    in_node $node sysctl -a 2>/dev/null | grep -E '^net\.(ipv4\.(ip_|conf|tcp_be|fwmark)|bridge|netfilter)' > "$1/$node/sysctl.txt"
    in_node $node conntrack -L > "$1/$node/conntrack.txt" 2>/dev/null
  done
  for pod in "${!NS[@]}"; do
    collect_into "$1/${NODE[$pod]}/netns/$pod" in_pod "$pod"
    in_pod "$pod" sysctl -a 2>/dev/null | grep -E '^net\.ipv4\.(ip_forward|conf\.(all|eth0)\.)' > "$1/${NODE[$pod]}/netns/$pod/sysctl.txt"
  done
}
play() { # variant, INPUT rules of host A, FORWARD policy
  variant=$1 first=1 json=$out/$1/kernel.json; mkdir -p "$out/$1"
  state "$2" "$3"
  printf '{"kernel": "%s", "iptables": "%s", "seen": [' "$(uname -r)" "$(iptables-nft -V)" > "$json"
  table
  printf '\n]}\n' >> "$json"
  flush
  if [ "$1" = plain ]; then
    in_pod app python3 "$work/talk.py" hold tcp 192.168.1.10 2483 52144 & local held=$!
    in_node hostb python3 "$work/talk.py" hold tcp 192.168.1.10 2483 44310 & held="$held $!"
    in_node hostb python3 "$work/talk.py" hold udp 192.168.1.10 8125 40125 & held="$held $!"
    sleep 5; collect "$out/$1"; kill $held
  else collect "$out/$1"; fi
}

sleep 3 # servers, bridge ports
play plain '' ACCEPT
play firewalled '-A INPUT -s 10.244.0.0/16 -p tcp -m tcp --dport 2483 -m comment --comment "etcd is not for pods" -j DROP
-A INPUT -p udp -m udp --dport 8472 -m comment --comment "nothing unknown from outside" -j DROP' ACCEPT
play forward-drop '' DROP
play pods-only '-A INPUT -s 10.244.0.0/16 -p tcp -m tcp --dport 2483 -m comment --comment "etcd is for pods" -j ACCEPT
-A INPUT -p tcp -m tcp --dport 2483 -m comment --comment "and for nobody else" -j DROP' ACCEPT
