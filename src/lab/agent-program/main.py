# What can be asked, and the loop that takes questions: one JSON object a line.
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
