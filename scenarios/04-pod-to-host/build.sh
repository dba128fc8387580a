#!/usr/bin/env bash
# Builds the two hosts of this story in network namespaces, asks the real kernel every question of the README, and
# collects the dumps. Root on Linux with iproute2, iptables, conntrack, python3, openssl.
#
#   ./build.sh OUT     writes OUT/{plain,firewalled,forward-drop,pods-only}, each with dumps and kernel.json
#
# The namespaces live in private mount and pid namespaces and die with them. The row about the full conntrack table is not
# in here: nf_conntrack_max belongs to the machine, not to a namespace. table-full.sh asks it, in a virtual machine.
CLUSTER=10.244.0.0/16 GATEWAY=192.168.1.1
declare -A UPLINK=([hosta]=192.168.1.10 [hostb]=192.168.1.11) PODS=([hosta]=10.244.1 [hostb]=10.244.2)
. "$(dirname "$0")/../kube-lab.sh"

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
        kind, address, port = spec.split(',') if ',' in spec else ('tcp', '0.0.0.0', spec)
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

machines hosta hostb
HAIRPIN=on
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

service default/kubernetes:https tcp 10.96.0.1 443 - 192.168.1.10:6443
service kube-system/kube-dns:dns udp 10.96.0.10 53 - 10.244.1.3:53 10.244.2.4:53
service kube-system/kube-dns:dns-tcp tcp 10.96.0.10 53 - 10.244.1.3:53 10.244.2.4:53
service kube-system/kube-dns:metrics tcp 10.96.0.10 9153 - 10.244.1.3:9153 10.244.2.4:9153
service shop/orders:http tcp 10.96.41.207 80 - 10.244.1.4:8080 10.244.2.5:8080
service shop/etcd-outside:client tcp 10.96.77.12 2483 - 192.168.1.10:2483
service monitoring/grafana:http tcp 10.96.130.5 80 30300 10.244.2.6:3000
service monitoring/prometheus:http tcp 10.96.130.6 9090 -

FLANNEL_FORWARDS=no
state() { # INPUT rules of host A, FORWARD policy of both
  in_node hosta iptables-nft-restore <<< "$(rules 10.244.1.0/24 "$1" "$2")"
  in_node hostb iptables-nft-restore <<< "$(rules 10.244.2.0/24 '' "$2")"
}

# ---- questions ---------------------------------------------------------------
ask() { # title, who, address, port
  local answer comma=','
  flush
  answer=$(asked "$2" "$3" "$4")
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
dump() { # variant
  collect "$out/$1" '^net\.(ipv4\.(ip_|conf|tcp_be|fwmark)|bridge|netfilter)' '^net\.ipv4\.(ip_forward|conf\.(all|eth0)\.)'
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
    sleep 5; dump "$1"; kill $held
  else dump "$1"; fi
}

sleep 3 # servers, bridge ports
play plain '' ACCEPT
play firewalled '-A INPUT -s 10.244.0.0/16 -p tcp -m tcp --dport 2483 -m comment --comment "etcd is not for pods" -j DROP
-A INPUT -p udp -m udp --dport 8472 -m comment --comment "nothing unknown from outside" -j DROP' ACCEPT
play forward-drop '' DROP
play pods-only '-A INPUT -s 10.244.0.0/16 -p tcp -m tcp --dport 2483 -m comment --comment "etcd is for pods" -j ACCEPT
-A INPUT -p tcp -m tcp --dport 2483 -m comment --comment "and for nobody else" -j DROP' ACCEPT
