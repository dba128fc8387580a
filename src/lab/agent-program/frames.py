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
