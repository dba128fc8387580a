# Who asks: one question from an ordinary socket, and what became of it.
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

# close() then ends in a reset, and the port is free at once
def linger(s):
    try: s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    except OSError: pass

def abort(s):
    linger(s)
    s.close()
