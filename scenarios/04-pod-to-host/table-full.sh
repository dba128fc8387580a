#!/usr/bin/env bash
# The row about the full conntrack table. nf_conntrack_max belongs to the whole machine, so run this where nobody else works,
# such as in a virtual machine: as root, in the machine's own network namespace. Prints what happened, as JSON.
set -eu
work=$(mktemp -d)
trap 'set +e; kill $(jobs -p) 2>/dev/null; ip netns del app 2>/dev/null; ip link del vetha 2>/dev/null; iptables -F; iptables -t nat -F; sysctl -qw net.netfilter.nf_conntrack_max=65536; rm -rf "$work"' EXIT
ip netns add app
ip link add vetha type veth peer name eth0 netns app
ip address add 10.244.1.1/24 dev vetha
ip link set vetha up
ip -n app link set lo up
ip -n app address add 10.244.1.2/24 dev eth0
ip -n app link set eth0 up
ip -n app route add default via 10.244.1.1
iptables -A INPUT -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT
cat > "$work/serve.py" <<'PY'
import socket, threading
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('10.244.1.1', 2483)); s.listen(9)
def answer(c):
    while c.recv(9): c.sendall(b'y')
while True: threading.Thread(target=answer, args=s.accept()[:1], daemon=True).start()
PY
# the client lives in the pod, the sysctl in the machine's own namespace: one program each, hand in hand
python3 "$work/serve.py" & sleep 1
cat > "$work/client.py" <<'PY'
import json, socket, sys
def new():
    s = socket.socket(); s.settimeout(4)
    try: s.connect(('10.244.1.1', 2483)); s.send(b'x'); s.recv(9); return 'ok'
    except socket.timeout: return 'timeout'
    except OSError as e: return str(e)
old = socket.socket(); old.settimeout(4); old.connect(('10.244.1.1', 2483))
def ask(): old.send(b'x'); return 'ok' if old.recv(9) else 'closed'
print(json.dumps({'table': 'with room', 'new connection': new(), 'old connection': ask()}), flush=True)
sys.stdin.readline()
print(json.dumps({'table': 'full', 'new connection': new(), 'old connection': ask()}), flush=True)
PY
mkfifo "$work/go"
ip netns exec app python3 "$work/client.py" < "$work/go" > "$work/said" & client=$!
exec 3> "$work/go"
sleep 3
count=$(cat /proc/sys/net/netfilter/nf_conntrack_count)
drops() { conntrack -S | awk '{ for (i = 1; i <= NF; i++) if (sub(/^drop=/, "", $i)) n += $i } END { print n }'; }
before=$(drops)
sysctl -qw net.netfilter.nf_conntrack_max="$count"
echo go >&3
wait $client || true
printf '{"kernel": "%s", "entries": %s, "nf_conntrack_max": %s, "dropped": %s, "seen": [\n %s\n]}\n' "$(uname -r)" "$count" "$count" "$(($(drops) - before))" "$(paste -sd, "$work/said")"
