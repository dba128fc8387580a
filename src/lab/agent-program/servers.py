# Who listens in the worlds: servers that say whom they have seen.
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

def is_conn(c):
    try: key = selector.get_key(c)
    except (KeyError, ValueError): return True if c.fileno() < 0 else False
    return key.data[0] == 'conn'
