# The agent's ears: a packet socket a namespace, on all its devices, for all protocols (packet(7)). No device becomes
# promiscuous for it. A VLAN tag that the kernel keeps beside the frame is told apart (PACKET_AUXDATA).
ETH_P_ALL, SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 3, 263, 8, 1 << 4
LONGEST_FRAME, MOST_FRAMES = 640, 3000
taps = {}

def op_tap(q):
    for ns in q['spaces']:
        enter(ns)
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        s.setblocking(False)
        with lock: taps[ns] = s
    return {}

def vlan_of(ancillary):
    for level, kind, data in ancillary:
        if (level, kind) != (SOL_PACKET, PACKET_AUXDATA): continue
        status, _, _, _, _, tci, _ = struct.unpack('=IIIHHHH', data[:20])
        if status & TP_STATUS_VLAN_VALID: return tci & 0xfff

def frames_of(ns):
    """What has passed since the last time, in order: device, direction, type of link, VLAN, bytes."""
    found = []
    while True:
        try: data, ancillary, _, (dev, _, kind, link, _) = taps[ns].recvmsg(LONGEST_FRAME, 64)
        except BlockingIOError: return found
        except OSError as e:
            # a device was taken down meanwhile
            if e.errno == errno.ENETDOWN: continue
            raise
        if len(found) < MOST_FRAMES:
            found.append([dev, 'Out' if kind == socket.PACKET_OUTGOING else 'In', link, vlan_of(ancillary), data.hex()])
