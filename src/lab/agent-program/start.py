# What all parts of the agent share: its state, and how a thread enters a namespace (setns(2)) and runs a program there.
import ctypes, errno, json, os, select, selectors, signal, socket, struct, subprocess, sys, threading, time

PREFIX = sys.argv[1]
os.environ['PATH'] = os.environ.get('PATH', '') + ':/usr/sbin:/sbin'
libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET, IPPROTO_SCTP = 0x40000000, 132
NETLINK_NETFILTER, NLM_F_REQUEST_ACK = 12, 1 | 4
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
