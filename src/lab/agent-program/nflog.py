# TRACE of the legacy back end: not from the kernel log, which does not tell namespaces apart, but by nfnetlink_log, which
# each namespace may have of its own (include/uapi/linux/netfilter/nfnetlink_log.h; group 0 is where xt_TRACE logs to).
NFNL_SUBSYS_ULOG, NFULNL_MSG_PACKET, NFULNL_MSG_CONFIG = 4, 0, 1
NFULA_PAYLOAD, NFULA_PREFIX, NFULA_CFG_CMD, NFULA_CFG_MODE, NFULA_CFG_QTHRESH = 9, 10, 1, 2, 5
LONGEST_LOGGED = 160
logs = {}

def op_log(q):
    for ns in q['spaces']:
        enter(ns)
        for family in (socket.AF_INET, socket.AF_INET6):
            with open('/proc/sys/net/netfilter/nf_log/%d' % family, 'w') as f: f.write('nfnetlink_log')
        s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        s.bind((0, 0))
        for kind, data in ((NFULA_CFG_CMD, b'\x01'), (NFULA_CFG_MODE, struct.pack('!IBx', LONGEST_LOGGED, 2)), (NFULA_CFG_QTHRESH, struct.pack('!I', 1))):
            length = 4 + len(data)
            body = struct.pack('=BBHHH', 0, 0, 0, length, kind) + data + b'\0' * (-length % 4)
            s.send(struct.pack('=IHHII', 16 + len(body), NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG, NLM_F_REQUEST_ACK, 1, 0) + body)
            code = struct.unpack_from('=i', s.recv(4096), 16)[0]
            if code: raise OSError(-code, 'nfnetlink_log in ' + ns)
        s.setblocking(False)
        with lock: logs[ns] = s
    return {}

def attributes(data, at, end):
    found = {}
    while at + 4 <= end:
        length, kind = struct.unpack_from('=HH', data, at)
        found[kind & 0x3fff] = data[at + 4:at + length]
        at += length + 3 & ~3
    return found

def logged_in(ns):
    """What was logged since the last time: family, prefix, bytes from the IP header on."""
    found = []
    while True:
        try: data = logs[ns].recv(65536)
        except BlockingIOError: return found
        at = 0
        while at + 16 <= len(data):
            length, kind = struct.unpack_from('=IH', data, at)
            if kind == NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET:
                a = attributes(data, at + 20, at + length)
                prefix = a.get(NFULA_PREFIX, b'').rstrip(b'\0').decode('utf8', 'replace')
                if prefix.startswith('TRACE: '): found.append([data[at + 16], prefix, a.get(NFULA_PAYLOAD, b'').hex()])
            at += length + 3 & ~3
