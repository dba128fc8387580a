# A whole flow: what comes before it, the question, and all that was seen of it.
def settle(watch, quiet, most):
    end = time.monotonic() + most
    last, since = None, time.monotonic()
    while time.monotonic() < end:
        now = [len(monitors[ns][1]) for ns in watch]
        if now != last: last, since = now, time.monotonic()
        elif time.monotonic() - since >= quiet: return
        time.sleep(0.004)

def op_flow(q):
    refused = []
    for step in q['prepare']:
        enter(step['ns'])
        if 'ipvs' in step:
            load_ipvs(step['ipvs'])
            continue
        if 'connections' in step:
            refused += load_connections(step['connections'])
            continue
        status, _, err = run(step['argv'], step.get('input'))
        if status and not step.get('mayFail'): return {'error': ' '.join(step['argv']) + ': ' + err.strip()}
    earlier = []
    for first in q['before']:
        enter(first['ns'])
        sock, _ = talk(first)
        if first['end'] == 'aborted': abort(sock)
        else: earlier.append(sock)
    settle(q['watch'], q['quiet'] if q['before'] else 0.015, 1)
    start = {ns: len(monitors[ns][1]) for ns in q['watch']}
    for ns in q['servers']: answers.pop(ns, None)
    for ns in q['tapped']: frames_of(ns)
    for ns in q['logged']: logged_in(ns)
    enter(q['ns'])
    begun = time.monotonic()
    s, result = talk(q)
    # where connecting took too long, it is not tried again while the rest is looked at
    if result.get('step') == 'connect': s.close()
    time.sleep(max(0, begun + q['lasts'] - time.monotonic()))
    settle(q['watch'], q['quiet'], 3)
    result['trace'] = {ns: bytes(monitors[ns][1][start[ns]:]).decode('utf8', 'replace') for ns in q['watch']}
    result['died'] = [ns for ns in q['watch'] if monitors[ns][0].poll() is not None]
    result['frames'] = {ns: frames_of(ns) for ns in q['tapped']}
    result['logged'] = {ns: logged_in(ns) for ns in q['logged']}
    result['refused'] = refused
    result['conntrack'] = {}
    for ns, family in q['conntrack']:
        enter(ns)
        status, out, err = run(['conntrack', '-f', family, '-L'])
        result['conntrack'].setdefault(ns, []).extend(l for l in out.splitlines() if 'src=' in l)
    result['ipvs'] = {}
    for ns in q['ipvs']:
        enter(ns)
        result['ipvs'][ns] = run(['ipvsadm', '-Lnc'])[1].splitlines()[2:] if ipvs_connections() else []
    for sock in earlier + [s]: abort(sock)
    for ns in q['watch']: del monitors[ns][1][:]
    for ns in q['servers']:
        with lock:
            mine = listening.get(ns, [])
            conns = [c for c in mine if is_conn(c)]
            listening[ns] = [c for c in mine if not is_conn(c)]
        for c in conns:
            linger(c)
            forget(c)
    return result
