# How a namespace gets connections that it did not see begin: ctnetlink_new_conntrack()
# (include/uapi/linux/netfilter/nfnetlink_conntrack.h). NAT is told apart from the reply's tuple, as the kernel wants it:
# it makes the tuple by itself.
NLA_F_NESTED, NLM_F_CREATE_EXCL, IPCTNL_MSG_CT_NEW, NFNL_SUBSYS_CTNETLINK = 0x8000, 0x400 | 0x200, 0, 1

def attribute(kind, data):
    length = 4 + len(data)
    return struct.pack('=HH', length, kind) + data + b'\0' * (-length % 4)
def nested(kind, *parts): return attribute(kind | NLA_F_NESTED, b''.join(parts))
def u8(kind, value): return attribute(kind, struct.pack('!B', value))
def u16(kind, value): return attribute(kind, struct.pack('!H', value))
def u32(kind, value): return attribute(kind, struct.pack('!I', value))

def tuple_of(kind, proto, t, zone):
    family = socket.AF_INET6 if ':' in t['src'] else socket.AF_INET
    src, dst = (socket.inet_pton(family, t[end]) for end in ('src', 'dst'))
    ends = (3, 4) if family == socket.AF_INET6 else (1, 2)
    numbers = [u8(1, proto)]
    if 'icmp' in t:
        first = 7 if family == socket.AF_INET6 else 4
        kind_of, code, id = t['icmp']
        numbers += [u16(first, id), u8(first + 1, kind_of), u8(first + 2, code)]
    elif 'sport' in t: numbers += [u16(2, t['sport']), u16(3, t['dport'])]
    zones = [] if zone is None else [u16(3, zone)]
    return nested(kind, nested(1, attribute(ends[0], src), attribute(ends[1], dst)), nested(2, *numbers), *zones)

# CTA_NAT_SRC, CTA_NAT_DST: to this address and port, and nothing else
def nat_to(kind, address, port):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    to = socket.inet_pton(family, address)
    ends = (4, 5) if family == socket.AF_INET6 else (1, 2)
    ports = [] if port is None else [nested(3, u16(1, port), u16(2, port))]
    return nested(kind, attribute(ends[0], to), attribute(ends[1], to), *ports)

def load_connections(entries):
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    s.bind((0, 0))
    refused = []
    for e in entries:
        family = socket.AF_INET6 if ':' in e['original']['src'] else socket.AF_INET
        both = e['zone'] if e.get('zoneOnly') is None else None
        zone = lambda way: e['zone'] if e.get('zoneOnly') == way else None
        body = struct.pack('=BBH', family, 0, 0) + b''.join([
            tuple_of(1, e['proto'], e['original'], zone('original')),
            tuple_of(2, e['proto'], e['answer'], zone('reply')),
            u32(3, e['status']), u32(7, e['timeout']), u32(8, e['mark']),
            *([] if both is None else [u16(18, both)]),
            # the destination first, as the kernel does it
            nat_to(13, *e['dnat']), nat_to(6, *e['snat']),
            *([] if 'tcp' not in e else [nested(4, nested(1, u8(1, e['tcp'][0]), attribute(4, bytes([e['tcp'][1]] * 2))))]),
        ])
        s.send(struct.pack('=IHHII', 16 + len(body), NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW, NLM_F_REQUEST_ACK | NLM_F_CREATE_EXCL, 1, 0) + body)
        code = struct.unpack_from('=i', s.recv(4096), 16)[0]
        if code: refused.append([e['text'], os.strerror(-code)])
    s.close()
    return refused
