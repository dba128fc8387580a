#!/usr/bin/env bash
# Builds the cluster of this story in network namespaces, asks the real kernel every question of the README, and
# collects the dumps. Root on Linux with iproute2, iptables, conntrack, tcpdump, python3, openssl.
#
#   ./build.sh OUT     writes OUT/before (br_netfilter absent on n1), OUT/after (loaded, hairpin on), OUT/kernel.json
#
# The namespaces live in private mount and pid namespaces and die with them. bridge-nf-call-iptables=0 stands in for the absent
# module (the kernel treats both alike); the net.bridge lines are left out of n1's "before" dump for that reason.
CLUSTER=192.168.0.0/17 GATEWAY=172.16.30.1
declare -A UPLINK=([n1]=172.16.30.11 [n2]=172.16.30.12) PODS=([n1]=192.168.0 [n2]=192.168.1)
. "$(dirname "$0")/../kube-lab.sh"

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

machines n1 n2
pod n1 coredns-7c65d6cfc9-4xk2p 231 veth0f2b8c11 53 9153
pod n1 apollo-db-0 233 veth5d9e7a40 3306
pod n1 apollo-configservice-6b8f 234 vethb83c19e6 8080
pod n1 busybox 236 veth71aa04df
pod n2 coredns-7c65d6cfc9-9zq7w 4 vethc02d55ab 53 9153
pod n2 apollo-configservice-h2vd 7 veth3e6f7712 8080
pod n2 apollo-adminservice-5c9d 8 vethd4419b0e 8090
pod n2 apollo-portal-7f6c4 9 veth88e1f3a2 8070
pod n2 busybox-2 11 veth12c5d0b9

service default/kubernetes:https tcp 192.168.128.1 443 - 172.16.30.10:6443
service kube-system/kube-dns:dns udp 192.168.128.10 53 - 192.168.0.231:53 192.168.1.4:53
service kube-system/kube-dns:dns-tcp tcp 192.168.128.10 53 - 192.168.0.231:53 192.168.1.4:53
service kube-system/kube-dns:metrics tcp 192.168.128.10 9153 - 192.168.0.231:9153 192.168.1.4:9153
service apollo/apollo-db:mysql tcp 192.168.134.205 3306 - 192.168.0.233:3306
service apollo/apollo-configservice:http tcp 192.168.201.17 8080 - 192.168.0.234:8080 192.168.1.7:8080
service apollo/apollo-adminservice:http tcp 192.168.166.92 8090 - 192.168.1.8:8090
service apollo/apollo-portal:http tcp 192.168.143.60 8070 30070 192.168.1.9:8070
service kubernetes-dashboard/kubernetes-dashboard:https tcp 192.168.171.20 443 -

for node in n1 n2; do in_node $node iptables-nft-restore <<< "$(rules "${PODS[$node]}.0/24" '' ACCEPT)"; done

# ---- questions ---------------------------------------------------------------
db_veth=veth5d9e7a40
state() { # bridge-nf on n1, hairpin of the database's port
  in_node n1 sysctl -qw net.bridge.bridge-nf-call-iptables="$1" net.bridge.bridge-nf-call-ip6tables="$1" net.bridge.bridge-nf-call-arptables="$1"
  in_node n1 bridge link set dev $db_veth hairpin "$2"
}
first=1
ask() { # title, who, address, port
  local title=$1 who=$2 answer
  flush
  answer=$(asked "$who" "$3" "$4")
  [ $first = 1 ] || echo ',' >> "$out/kernel.json"; first=0
  printf '  {"when": "%s", "title": "%s", "from": "%s", "to": "%s:%s", "outcome": "%s", "seen": "%s", "conntrack": [%s]}' \
    "$when" "$title" "$who" "$3" "$4" "${answer%% *}" "$(echo "$answer" | sed -n 's/^ok //p')" \
    "$(entries n1)" >> "$out/kernel.json"
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
all() { # folder
  flush
  collect "$1" '^net\.(ipv4\.(ip_|conf|tcp_be|fwmark|neigh\.default)|bridge|netfilter)' '^net\.ipv4\.(ip_|conf\.)'
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
