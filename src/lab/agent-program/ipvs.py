# IPVS, in the namespace that the thread has entered.
def ipvs_connections():
    with open('/proc/thread-self/net/ip_vs_conn') as f: return f.read().splitlines()[1:]

# Connections outlive their Service, unless expire_nodest_conn is set: then they go a moment after their real server.
def forget_ipvs():
    setting = '/proc/sys/net/ipv4/vs/expire_nodest_conn'
    with open(setting) as f: before = f.read()
    with open(setting, 'w') as f: f.write('1')
    run(['ipvsadm', '-C'])
    end = time.monotonic() + 3
    while ipvs_connections():
        if time.monotonic() > end: raise OSError('connections of IPVS do not go')
        time.sleep(0.02)
        # what others hung on when it was looked at waits for the next server that goes
        if ipvs_connections():
            run(['ipvsadm', '-R'], '-A -f 1 -s rr\n-a -f 1 -r 127.0.0.1:1 -m\n')
            run(['ipvsadm', '-C'])
    with open(setting, 'w') as f: f.write(before)

def load_ipvs(text):
    forget_ipvs()
    status, _, err = run(['ipvsadm', '-R'], text)
    if status or err.strip(): raise OSError('ipvsadm -R: ' + err.strip())
