# What the builds of the IPVS stories share: kube-proxy's IPVS mode, pods, questions, dumps. Sourced in a virtual machine with
# IPVS (Debian 12, Linux 6.1): nodes are namespaces on a switch, pods are namespaces on a node's bridge.
# The sourcing script says: CLUSTER (pod CIDR), MASQ (all, cidr or src: how kube-proxy was told to masquerade).
set -u
: "${OUT:?the folder that receives the scenario}"
declare -A NS NODE_OF
on() { ip netns exec "$@"; }
modprobe -a ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh dummy vxlan xt_set ip_set_hash_ipport ip_set_hash_ipportip ip_set_bitmap_port

# ---- machines -------------------------------------------------------------------------------------------------------
switch() { ip netns add switch; ip -n switch link add br0 type bridge; ip -n switch link set br0 up; }
node() { # name address/length [gateway]
  ip netns add "$1"; NS[$1]=$1; ip -n "$1" link set lo up
  ip -n "$1" link add eth0 type veth peer name "up-$1" netns switch; ip -n switch link set "up-$1" master br0 up
  ip -n "$1" addr add "$2" brd + dev eth0; ip -n "$1" link set eth0 up
  [ -z "${3:-}" ] || ip -n "$1" route add default via "$3" dev eth0 proto static
  on "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.vs.conntrack=1 net.ipv4.vs.conn_reuse_mode=0 net.ipv4.vs.expire_nodest_conn=1 \
    net.ipv4.vs.expire_quiescent_template=1 net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
}
bridge_of() { # node address/length [IPv6 address/length]
  ip -n "$1" link add cni0 mtu 1450 type bridge; ip -n "$1" addr add "$2" brd + dev cni0
  [ -z "${3:-}" ] || ip -n "$1" addr add "$3" dev cni0 nodad
  ip -n "$1" link set cni0 up
}
flannel() { # node address local
  ip -n "$1" link add flannel.1 mtu 1450 type vxlan id 1 local "$3" dev eth0 dstport 8472 nolearning
  ip -n "$1" addr add "$2/32" dev flannel.1; ip -n "$1" link set flannel.1 up
}
flannel_peer() { # node, the other's pod network, its flannel.1 address, its address
  local mac; mac=$(ip -n "$5" -o link show flannel.1 | sed 's/.*ether \([^ ]*\).*/\1/')
  ip -n "$1" neigh replace "$3" lladdr "$mac" dev flannel.1 nud permanent
  on "$1" bridge fdb replace "$mac" dev flannel.1 dst "$4" self permanent
  ip -n "$1" route add "$2" via "$3" dev flannel.1 onlink
}
SERVERS=()
pod() { # node name address/length gateway veth hairpin(on|off) [tcp/80 udp/53 ...] [6:address/length:gateway]
  local node=$1 name=$2 address=$3 gateway=$4 veth=$5 hairpin=$6 x; shift 6
  NS[$name]=$name; NODE_OF[$name]=$node; ip netns add "$name"; ip -n "$name" link set lo up
  ip -n "$node" link add "$veth" mtu 1450 type veth peer name eth0 mtu 1450 netns "$name"
  ip -n "$node" link set "$veth" master cni0 up; ip -n "$node" link set "$veth" type bridge_slave hairpin "$hairpin"
  ip -n "$name" addr add "$address" brd + dev eth0; ip -n "$name" link set eth0 up
  ip -n "$name" route add default via "$gateway" dev eth0
  for x; do case $x in
    6:*) x=${x#6:}; ip -n "$name" addr add "${x%@*}" dev eth0 nodad; ip -n "$name" route add default via "${x#*@}" dev eth0;;
    *) SERVERS+=("$name $x");;
  esac; done
}

# ---- kube-proxy -----------------------------------------------------------------------------------------------------
SERVICES=()
service() { SERVICES+=("$*"); } # namespace/name:port proto address port nodeport|- endpoints...
SETS='KUBE-LOOP-BACK:hash:ip,port,ip KUBE-CLUSTER-IP:hash:ip,port KUBE-EXTERNAL-IP:hash:ip,port KUBE-EXTERNAL-IP-LOCAL:hash:ip,port
KUBE-LOAD-BALANCER:hash:ip,port KUBE-LOAD-BALANCER-FW:hash:ip,port KUBE-LOAD-BALANCER-LOCAL:hash:ip,port KUBE-LOAD-BALANCER-SOURCE-IP:hash:ip,port,ip
KUBE-LOAD-BALANCER-SOURCE-CIDR:hash:ip,port,net KUBE-NODE-PORT-TCP:bitmap:port KUBE-NODE-PORT-LOCAL-TCP:bitmap:port KUBE-NODE-PORT-UDP:bitmap:port
KUBE-NODE-PORT-LOCAL-UDP:bitmap:port KUBE-NODE-PORT-SCTP-HASH:hash:ip,port KUBE-NODE-PORT-LOCAL-SCTP-HASH:hash:ip,port KUBE-HEALTH-CHECK-NODE-PORT:bitmap:port'
# services_of NODE NODE-ADDRESS LOCAL-PREFIX: kube-ipvs0, IPVS table and ipsets; endpoints that begin with the prefix are local
services_of() {
  local node=$1 own=$2 near=$3 s name proto ip port np e i flag at v6 rest
  ip -n "$node" link add kube-ipvs0 type dummy
  for s in $SETS; do
    case ${s#*:} in bitmap:port) rest='range 0-65535';; *) rest='family inet hashsize 1024 maxelem 65536';; esac
    echo "create ${s%%:*} ${s#*:} $rest"
  done > "$node.sets"
  echo 'create KUBE-6-CLUSTER-IP hash:ip,port family inet6 hashsize 1024 maxelem 65536' >> "$node.sets"
  : > "$node.vs"; : > "$node.addr"
  for s in "${SERVICES[@]}"; do
    set -- $s; name=$1 proto=$2 ip=$3 port=$4 np=$5; shift 5
    flag=-t; [ "$proto" = udp ] && flag=-u
    v6=; at=$ip; case $ip in *:*) v6=6-; at="[$ip]";; esac
    echo "addr add $ip/$([ -n "$v6" ] && echo '128 nodad' || echo 32) dev kube-ipvs0" >> "$node.addr"
    echo "add KUBE-${v6}CLUSTER-IP $ip,$proto:$port" >> "$node.sets"
    echo "-A $flag $at:$port -s rr" >> "$node.vs"
    # the last is added first, so that a fresh rr begins with the one that ipvsadm lists first
    for e in $(printf '%s\n' "$@" | tac); do
      echo "-a $flag $at:$port -r $e -m -w 1" >> "$node.vs"
      case $e in "$near"*) echo "add KUBE-LOOP-BACK ${e%:*},$proto:${e##*:},${e%:*}" >> "$node.sets";; esac
    done
    [ "$np" = - ] && continue
    echo "add KUBE-NODE-PORT-${proto^^} $np" >> "$node.sets"
    for i in $own; do
      echo "-A $flag $i:$np -s rr" >> "$node.vs"
      for e in $(printf '%s\n' "$@" | tac); do echo "-a $flag $i:$np -r $e -m -w 1" >> "$node.vs"; done
    done
  done
  sort -u "$node.addr" | ip -n "$node" -batch -
  sort -u "$node.sets" | sort -s -k1,1r | on "$node" ipset restore; on "$node" ipvsadm -R < "$node.vs"
}
masquerade() { # kube-proxy's rule for ClusterIPs
  local m='-m comment --comment "Kubernetes service cluster ip + port for masquerade purpose"'
  case $MASQ in
    all) echo "-A KUBE-SERVICES $m -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ";;
    cidr) echo "-A KUBE-SERVICES ! -s $CLUSTER $m -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ";;
    src) echo "-A KUBE-SERVICES $m -m set --match-set KUBE-CLUSTER-IP src,dst -j KUBE-MARK-MASQ";;
  esac
}
# the nat table of kube-proxy in IPVS mode; $1, $2: more chains and rules of the others that write there
kube_nat() {
  cat <<R
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-LOAD-BALANCER - [0:0]
:KUBE-MARK-DROP - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-NODE-PORT - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SERVICES - [0:0]
$1
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
$2
-A KUBE-FIREWALL -j KUBE-MARK-DROP
-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ
-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-NODE-PORT -p tcp -m comment --comment "Kubernetes nodeport TCP port for masquerade purpose" -m set --match-set KUBE-NODE-PORT-TCP dst -j KUBE-MARK-MASQ
-A KUBE-POSTROUTING -m comment --comment "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose" -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE
$(masquerade)
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT
-A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT
COMMIT
R
}

# ---- servers and questions ------------------------------------------------------------------------------------------
cat > talk.py <<'PY'
import ctypes, errno, os, socket, sys, threading, time
if sys.argv[1] == 'serve':  # namespace proto/port, two words a listener: one process for all, each socket made in its namespace
    libc = ctypes.CDLL(None)
    def datagrams(s):
        while True:
            _, peer = s.recvfrom(100)
            try: s.sendto(peer[0].encode(), peer)
            except OSError: pass
    def streams(s):
        while True:
            c, peer = s.accept(); threading.Thread(target=one, args=(c, peer), daemon=True).start()
    def one(c, peer):
        try:
            c.settimeout(9); c.recv(100); c.sendall(peer[0].encode()); c.close()
        except OSError: pass
    words = sys.argv[2:]
    for name, what in zip(words[::2], words[1::2]):
        fd = os.open('/run/netns/' + name, os.O_RDONLY); libc.setns(fd, 0x40000000); os.close(fd)
        proto, port = what.split('/')
        s = socket.socket(socket.AF_INET6 if proto.endswith('6') else socket.AF_INET, socket.SOCK_DGRAM if proto.startswith('udp') else socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if proto.endswith('6'): s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind(('::' if proto.endswith('6') else '0.0.0.0', int(port)))
        if proto.startswith('tcp'): s.listen(64)
        threading.Thread(target=streams if proto.startswith('tcp') else datagrams, args=(s,)).start()
else:  # ask proto address port sport patience
    proto, to, port, sport, patience = sys.argv[2:]
    s = socket.socket(socket.AF_INET6 if ':' in to else socket.AF_INET, socket.SOCK_DGRAM if proto == 'udp' else socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('', int(sport))); s.settimeout(float(patience))
    try:
        s.connect((to, int(port))); s.settimeout(2); s.send(b'hello'); print('ok', s.recv(100).decode())
    except socket.timeout: print('timeout')
    except OSError as e: print({errno.ECONNREFUSED: 'refused', errno.EHOSTUNREACH: 'host-unreachable', errno.ETIMEDOUT: 'timeout', errno.EPERM: 'not-permitted'}.get(e.errno, e))
PY
serve() { python3 talk.py serve ${SERVERS[@]} & sleep 3; }
SPORT=41000 FIRST=1 PATIENCE=2
begin() { printf '{"kernel": "%s", "iptables": "%s", "ipvsadm": "%s", "seen": [' "$(uname -r)" "$(iptables -V)" "$(ipvsadm -v | cut -d' ' -f2)" > "$OUT/kernel.json"; }
lines() { sed 's/  *$//; s/.*/"&"/' | paste -sd,; }
ask() { # when, title, who, proto, address, port [source port]
  local answer sport=${7:-$((++SPORT))} node=${NODE_OF[$3]:-$3}
  for n in $NODES; do on "$n" conntrack -F 2>/dev/null; done
  answer=$(on "$3" python3 talk.py ask "$4" "$5" "$6" "$sport" "$PATIENCE")
  [ $FIRST = 1 ] || printf ',' >> "$OUT/kernel.json"; FIRST=0
  printf '\n  {"when": "%s", "title": "%s", "from": "%s", "to": "%s", "port": %s, "proto": "%s", "sport": %s, "outcome": "%s", "seen": "%s",\n   "conntrack": [%s],\n   "ipvs": [%s]}' \
    "$1" "$2" "$3" "$5" "$6" "$4" "$sport" "${answer%% *}" "$(echo "$answer" | sed -n 's/^ok //p')" \
    "$({ on "$node" conntrack -L -f ipv4; on "$node" conntrack -L -f ipv6; } 2>/dev/null | grep -w "$sport" | lines)" \
    "$(on "$node" ipvsadm -Lnc | grep -w "$sport" | lines)" >> "$OUT/kernel.json"
  echo "$1: $2: $answer"
}
end() { printf '\n]}\n' >> "$OUT/kernel.json"; }

# ---- dumps, unedited ------------------------------------------------------------------------------------------------
collect() { # node folder
  local d=$OUT/$2/$1 p; mkdir -p "$d"
  on "$1" iptables-save > "$d/iptables-save.txt"; on "$1" ip6tables-save > "$d/ip6tables-save.txt"; on "$1" ipset save > "$d/ipset-save.txt"
  on "$1" ipvsadm -Ln > "$d/ipvsadm.txt"; on "$1" ipvsadm -Lnc > "$d/ipvsadm-connections.txt"
  on "$1" bridge -d link > "$d/bridge-link.txt"; on "$1" bridge fdb > "$d/bridge-fdb.txt"; lsmod > "$d/lsmod.txt"; on "$1" conntrack -L > "$d/conntrack.txt" 2>/dev/null
  common "$1" "$d"
  on "$1" sysctl -a 2>/dev/null | grep -E '^net\.(bridge\.|netfilter\.|ipv4\.(ip_|vs\.|fwmark|tcp_be|conf\.(all|default|lo|eth0|cni0|flannel\.1|kube-ipvs0)\.|conf\.[^.]*\.(rp_filter|forwarding) )|ipv6\.conf\.(all|default|eth0|cni0)\.(forwarding|disable_ipv6|accept_ra) )' > "$d/sysctl.txt"
  for p in "${!NODE_OF[@]}"; do
    [ "${NODE_OF[$p]}" = "$1" ] || continue
    mkdir -p "$d/netns/$p"; common "$p" "$d/netns/$p"
    on "$p" sysctl -a 2>/dev/null | grep -E '^net\.(ipv4\.(ip_|conf\.(all|default|eth0)\.)|ipv6\.conf\.(all|eth0)\.(forwarding|disable_ipv6) )' > "$d/netns/$p/sysctl.txt"
  done
}
common() { # namespace folder
  on "$1" ip -d addr > "$2/ip-addr.txt"; on "$1" ip route show table all > "$2/ip-route.txt"; on "$1" ip rule > "$2/ip-rule.txt"
  on "$1" ip neigh > "$2/ip-neigh.txt"; on "$1" ss -Hlntu > "$2/ss.txt"
}
