# TRACE, as xtables-monitor(8) tells it.
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
