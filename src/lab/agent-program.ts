import { TAP_PROGRAM } from './tap-program.js'
import { CONNTRACK_PROGRAM } from './conntrack-program.js'
import { IPVS_PROGRAM } from './ipvs-program.js'
import { NFLOG_PROGRAM } from './nflog-program.js'

/**
 * The hands of the kernel driver: a Python program (3.7 or newer, no packages) that works in many network
 * namespaces at once, because setns(2) is a thread's own affair. One JSON object a line in, one out, told apart by
 * `id`; the first, of number 0, says what machine it is. When its input ends, however that came about, everything that it made is taken down again.
 */
export const AGENT_PROGRAM = String.raw`
import ctypes, errno, json, os, select, selectors, signal, socket, struct, subprocess, sys, threading, time

PREFIX = sys.argv[1]
os.environ['PATH'] = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'
libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET, IPPROTO_SCTP = 0x40000000, 132
signal.signal(signal.SIGINT, signal.SIG_IGN)
out_lock = threading.Lock()
lock = threading.Lock()
spaces, handles, monitors, listening, answers = set(), {}, {}, {}, {}
selector = selectors.DefaultSelector()
waker_r, waker_w = os.pipe()
selector.register(waker_r, selectors.EVENT_READ, ('wake', None))
pending = []

def enter(ns):
    with lock:
        fd = handles.get(ns)
        if fd is None:
            fd = handles[ns] = os.open('/run/netns/' + ns, os.O_RDONLY)
    if libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), 'setns ' + ns)

def run(argv, text=None):
    done = subprocess.run(argv, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors='replace', timeout=60)
    return done.returncode, done.stdout, done.stderr

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

KIND = {'tcp': (socket.SOCK_STREAM,), 'udp': (socket.SOCK_DGRAM,), 'sctp': (socket.SOCK_STREAM, IPPROTO_SCTP)}
FAMILY = {'ipv4': socket.AF_INET, 'ipv6': socket.AF_INET6}
def op_listen(q):
    enter(q['ns'])
    failed = []
    for l in q['listeners']:
        try:
            fams = l['families']
            s = socket.socket(FAMILY['ipv6' if 'ipv6' in fams else 'ipv4'], *KIND[l['proto']])
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if 'ipv6' in fams: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if 'ipv4' in fams else 1)
            if l.get('dev'): s.setsockopt(socket.SOL_SOCKET, 25, l['dev'].encode() + b'\0')
            s.bind((l.get('address') or ('::' if 'ipv6' in fams else '0.0.0.0'), l['port']))
            if q.get('transparent'):
                if 'ipv6' in fams: s.setsockopt(socket.IPPROTO_IPV6, 75, 1)
                if 'ipv4' in fams: s.setsockopt(socket.IPPROTO_IP, 19, 1)
            s.setblocking(False)
            if l['proto'] != 'udp': s.listen(64)
            with lock: listening.setdefault(q['ns'], []).append(s)
            pending.append((s, (l['proto'], q['ns'])))
        except OSError as e:
            failed.append([l['proto'], l.get('address'), l['port'], str(e)])
    os.write(waker_w, b'x')
    return {'failed': failed}

def answer(peer):
    a = peer[0]
    return json.dumps({'seen': [a[7:] if a.startswith('::ffff:') else a, peer[1]]})

def serve():
    while True:
        for key, _ in selector.select():
            kind, ns = key.data
            s = key.fileobj
            try:
                if kind == 'wake':
                    os.read(waker_r, 4096)
                    while pending:
                        sock, data = pending.pop(0)
                        try: selector.register(sock, selectors.EVENT_READ, data)
                        except (ValueError, KeyError, OSError): pass
                elif kind == 'udp':
                    _, peer = s.recvfrom(4096)
                    # two servers that answer each other would go on for ever
                    answers[ns] = answers.get(ns, 0) + 1
                    if answers[ns] <= 60: s.sendto(answer(peer).encode(), peer)
                elif kind in ('tcp', 'sctp'):
                    c, peer = s.accept()
                    c.setblocking(False)
                    # no acknowledgement of its own: it rides on the answer, which follows at once
                    if kind == 'tcp': c.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
                    with lock: listening.setdefault(ns, []).append(c)
                    selector.register(c, selectors.EVENT_READ, ('conn', (ns, peer)))
                else:
                    if s.recv(4096): s.sendall((answer(ns[1]) + '\n').encode())
                    else: forget(s)
            except BlockingIOError: pass
            except OSError:
                if kind == 'conn': forget(s)

def forget(s):
    try: selector.unregister(s)
    except (KeyError, ValueError): pass
    try: s.close()
    except OSError: pass

def op_monitor(q):
    enter(q['ns'])
    p = subprocess.Popen(['xtables-monitor', '--trace'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    text = bytearray()
    def read():
        while True:
            got = os.read(p.stdout.fileno(), 65536)
            if not got: return
            text.extend(got)
    t = threading.Thread(target=read, daemon=True); t.start()
    with lock: monitors[q['ns']] = (p, text)
    # it misses what comes before it has joined its group
    end = time.monotonic() + 3
    while time.monotonic() < end and p.poll() is None:
        with open('/proc/%d/net/netlink' % p.pid) as f:
            if any(w[1] == '12' and int(w[3], 16) for w in (l.split() for l in f.readlines()[1:])): break
        time.sleep(0.005)
    return {}

${TAP_PROGRAM}
${NFLOG_PROGRAM}
${CONNTRACK_PROGRAM}
WORDS = {errno.ECONNREFUSED: 'refused', errno.EHOSTUNREACH: 'host-unreachable', errno.ENETUNREACH: 'net-unreachable',
  errno.EPERM: 'not-permitted', errno.EACCES: 'not-permitted', errno.EINVAL: 'not-permitted', errno.ECONNRESET: 'reset',
  errno.EPIPE: 'reset', errno.ETIMEDOUT: 'timeout', errno.EMSGSIZE: 'timeout', errno.ENOPROTOOPT: 'protocol-unreachable'}
def word(e, step):
    if isinstance(e, socket.timeout): return {'outcome': 'timeout', 'step': step}
    return {'outcome': WORDS.get(e.errno, 'error: ' + str(e)), 'step': step, 'errno': errno.errorcode.get(e.errno, str(e.errno))}

def connect(s, to, patience):
    s.setblocking(False)
    code = s.connect_ex(to)
    if code == errno.EINPROGRESS:
        poll = select.poll(); poll.register(s, select.POLLOUT)
        if not poll.poll(patience * 1000): raise socket.timeout()
        # SO_ERROR would tell, and wipe out, what a connection that stands only noted in passing
        if s.proto != IPPROTO_SCTP and s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 1: return
        code = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code: raise OSError(code, os.strerror(code))

def talk(q):
    six = ':' in q['dst']
    family = socket.AF_INET6 if six else socket.AF_INET
    proto = q['proto']
    if proto in KIND: s = socket.socket(family, *KIND[proto])
    else: s = socket.socket(family, socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP)
    step = 'bind'
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((q.get('bind') or ('::' if six else '0.0.0.0'), q['sport']))
        step = 'connect'
        connect(s, (q['dst'], q['dport']), q['connectTimeout'])
        s.settimeout(q['answerTimeout'])
        local = s.getsockname()
        step = 'send'
        # the server gets the time to accept and to put off its acknowledgement
        if proto == 'tcp': time.sleep(0.025)
        if proto == 'icmp':
            s.send(struct.pack('!BBHHH', 128 if six else 8, 0, 0, 0, 1) + b'\0' * q['payload'])
        else: s.send(b'x' * q['payload'])
        step = 'answer'
        data = s.recv(4096)
        if proto == 'icmp': return s, {'outcome': 'ok', 'local': local[:2]}
        if not data: return s, {'outcome': 'reset', 'step': 'eof'}
        try: seen = json.loads(data.decode())['seen']
        except (ValueError, KeyError): seen = None
        return s, {'outcome': 'ok', 'seen': seen, 'local': local[:2]}
    except OSError as e: return s, word(e, step)

def settle(watch, quiet, most):
    end = time.monotonic() + most
    last, since = None, time.monotonic()
    while time.monotonic() < end:
        now = [len(monitors[ns][1]) for ns in watch]
        if now != last: last, since = now, time.monotonic()
        elif time.monotonic() - since >= quiet: return
        time.sleep(0.004)

${IPVS_PROGRAM}
def op_flow(q):
    refused = []
    for step in q['prepare']:
        enter(step['ns'])
        if 'ipvs' in step:
            load_ipvs(step['ipvs'])
            continue
        if 'connections' in step:
            refused += load_connections(step['connections'])
            continue
        status, _, err = run(step['argv'], step.get('input'))
        if status and not step.get('mayFail'): return {'error': ' '.join(step['argv']) + ': ' + err.strip()}
    earlier = []
    for first in q['before']:
        enter(first['ns'])
        sock, _ = talk(first)
        if first['end'] == 'aborted': abort(sock)
        else: earlier.append(sock)
    settle(q['watch'], q['quiet'] if q['before'] else 0.015, 1)
    start = {ns: len(monitors[ns][1]) for ns in q['watch']}
    for ns in q['servers']: answers.pop(ns, None)
    for ns in q['tapped']: frames_of(ns)
    for ns in q['logged']: logged_in(ns)
    enter(q['ns'])
    begun = time.monotonic()
    s, result = talk(q)
    # where connecting took too long, it is not tried again while the rest is looked at
    if result.get('step') == 'connect': s.close()
    time.sleep(max(0, begun + q['lasts'] - time.monotonic()))
    settle(q['watch'], q['quiet'], 3)
    result['trace'] = {ns: bytes(monitors[ns][1][start[ns]:]).decode('utf8', 'replace') for ns in q['watch']}
    result['died'] = [ns for ns in q['watch'] if monitors[ns][0].poll() is not None]
    result['frames'] = {ns: frames_of(ns) for ns in q['tapped']}
    result['logged'] = {ns: logged_in(ns) for ns in q['logged']}
    result['refused'] = refused
    result['conntrack'] = {}
    for ns, family in q['conntrack']:
        enter(ns)
        status, out, err = run(['conntrack', '-f', family, '-L'])
        result['conntrack'].setdefault(ns, []).extend(l for l in out.splitlines() if 'src=' in l)
    result['ipvs'] = {}
    for ns in q['ipvs']:
        enter(ns)
        result['ipvs'][ns] = run(['ipvsadm', '-Lnc'])[1].splitlines()[2:] if ipvs_connections() else []
    for sock in earlier + [s]: abort(sock)
    for ns in q['watch']: del monitors[ns][1][:]
    for ns in q['servers']:
        with lock:
            mine = listening.get(ns, [])
            conns = [c for c in mine if is_conn(c)]
            listening[ns] = [c for c in mine if not is_conn(c)]
        for c in conns:
            linger(c)
            forget(c)
    return result

# close() then ends in a reset, and the port is free at once
def linger(s):
    try: s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    except OSError: pass

def abort(s):
    linger(s)
    s.close()

# Frames as they are, one after the other; after each what the taps heard, and what a program prints.
def op_send(q):
    def raw(ns, dev):
        enter(ns)
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.bind((dev, 0)); s.setblocking(False)
        return s
    taps = [raw(ns, dev) for ns, dev in q['taps']]
    senders = {}
    def hear():
        got = []
        for i, tap in enumerate(taps):
            try:
                while True:
                    frame, where = tap.recvfrom(65536)
                    if where[2] != socket.PACKET_OUTGOING: got.append([i, frame.hex()])
            except BlockingIOError: pass
        return got
    steps = []
    try:
        for ns, dev, frame in q['frames']:
            if (ns, dev) not in senders: senders[ns, dev] = raw(ns, dev)
            hear()
            senders[ns, dev].send(bytes.fromhex(frame))
            time.sleep(q['patience'])
            out = ''
            if q.get('count'):
                enter(q['count']['ns'])
                status, out, err = run(q['count']['argv'])
                if status: return {'error': err}
            steps.append({'heard': hear(), 'counted': out})
    finally:
        for s in taps + list(senders.values()): s.close()
    return {'steps': steps}

def is_conn(c):
    try: key = selector.get_key(c)
    except (KeyError, ValueError): return True if c.fileno() < 0 else False
    return key.data[0] == 'conn'

def drop(names):
    for ns in names:
        m = monitors.pop(ns, None)
        if m:
            m[0].kill(); m[0].wait()
        for s in listening.pop(ns, []): forget(s)
        for ears in (taps, logs):
            if ns in ears: ears.pop(ns).close()
        fd = handles.pop(ns, None)
        if fd is not None: os.close(fd)
        spaces.discard(ns)
        run(['ip', 'netns', 'del', ns])

def op_drop(q):
    drop(q['spaces'])
    return {}

OPS = {'exec': op_exec, 'can': op_can, 'spaces': op_spaces, 'sysctl': op_sysctl, 'listen': op_listen, 'monitor': op_monitor, 'tap': op_tap, 'log': op_log, 'flow': op_flow, 'send': op_send, 'drop': op_drop}
def work(q):
    try: r = OPS[q['op']](q)
    except Exception as e: r = {'error': type(e).__name__ + ': ' + str(e)}
    say(q['id'], r)

def say(id, r):
    with out_lock:
        try:
            sys.stdout.write(json.dumps(dict(r, id=id)) + '\n'); sys.stdout.flush()
        except OSError: pass

def leave(*_):
    drop(list(spaces))
    if raised is not None:
        with open(RMEM, 'w') as f: f.write(raised)
    os._exit(0)

# xtables-monitor dies of ENOBUFS with the default buffer when rules are loaded under it
RMEM = '/proc/sys/net/core/rmem_default'
raised = None
with open(RMEM) as f: before = f.read().strip()
if int(before) < 33554432:
    with open(RMEM, 'w') as f: f.write('33554432')
    raised = before
for name in os.listdir('/run/netns') if os.path.isdir('/run/netns') else []:
    parts = name.split('-')
    if parts[0] == PREFIX and len(parts) == 3 and parts[1].isdigit() and not os.path.isdir('/proc/' + parts[1]):
        run(['ip', 'netns', 'del', name])
signal.signal(signal.SIGTERM, leave)
signal.signal(signal.SIGHUP, leave)
threading.Thread(target=serve, daemon=True).start()
before = time.monotonic()
version = run(['iptables-nft', '--version'])[1].strip().replace('iptables ', '', 1)
say(0, {'pid': os.getpid(), 'machine': {'release': os.uname().release, 'iptables': version or 'unknown',
  'pace': time.monotonic() - before}})
try:
    for line in sys.stdin:
        q = json.loads(line)
        threading.Thread(target=work, args=(q,), daemon=True).start()
finally:
    leave()
`
