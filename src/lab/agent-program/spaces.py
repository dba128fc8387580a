# Namespaces, their sysctls, and what this kernel can do.
def op_exec(q):
    if q.get('ns'): enter(q['ns'])
    status, out, err = run(q['argv'], q.get('input'))
    return {'status': status, 'out': out, 'err': err}

TRIES = {'ipvs': 'ipvsadm -Ln', 'dummy': 'ip link add name probe type dummy',
  'sctp': 'python3 -c "import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM, %d)"' % IPPROTO_SCTP,
  'bridge-nf': '[ -d /proc/sys/net/bridge ] || modprobe br_netfilter',
  'legacy-trace': 'modprobe -q nfnetlink_log; iptables-legacy -t raw -A OUTPUT -j TRACE && echo nfnetlink_log > /proc/sys/net/netfilter/nf_log/2'}
def op_can(q):
    return {'can': run(['unshare', '-n', 'sh', '-c', TRIES[q['what']]])[0] == 0}

def op_spaces(q):
    for ns in q['spaces']:
        status, _, err = run(['ip', 'netns', 'add', ns])
        if status: return {'error': 'ip netns add: ' + err.strip()}
        spaces.add(ns)
    return {}

def op_sysctl(q):
    enter(q['ns'])
    failed = []
    for path, value in q['values']:
        file = '/proc/sys/' + path
        try:
            with open(file) as f: old = f.read()
            if old.split() != value.split():
                with open(file, 'w') as f: f.write(value)
        except (OSError, ValueError) as e:
            failed.append([path, str(e)])
    return {'failed': failed}
