# owner: each line was asked of iptables 1.8.9, which took or refused it so
-m owner --uid-owner 0; owner match may be used from OUTPUT, POSTROUTING only, not FORWARD; FAIL
:OUTPUT
-m owner --uid-owner 0 --gid-owner 1-5 --socket-exists; -m owner --socket-exists --uid-owner 0 --gid-owner 1-5; OK
-m owner ! --uid-owner root ! --gid-owner nogroup; -m owner ! --uid-owner 0 ! --gid-owner 65534; OK
-m owner ! --socket-exists; =; OK
-m owner --uid-owner 5-5; -m owner --uid-owner 5; OK
-m owner --uid-owner nosuchuser; owner: Bad value for "--uid-owner" option: "nosuchuser"; FAIL
-m owner --gid-owner 0 --suppl-groups; =; OK
-m owner; owner: At least one of --uid-owner, --gid-owner or --socket-exists is required; FAIL
:INPUT
-m owner --uid-owner 0; owner match may be used from OUTPUT, POSTROUTING only, not INPUT; FAIL
:OUTPUT
-m owner --uid-owner 5-3; owner: Bad value for "--uid-owner" option: "5-3"; FAIL
-m owner --pid-owner 3; unknown option "--pid-owner"; FAIL
:USER
-m owner --uid-owner 3; =; OK
:OUTPUT
-m owner --uid-owner 4294967295; owner: Bad value for "--uid-owner" option: "4294967295"; FAIL
-m owner --uid-owner 4294967294; =; OK
-m owner --uid-owner 1-; owner: Bad value for "--uid-owner" option: "1-"; FAIL
-m owner --gid-owner 0 --suppl-groups --uid-owner www-data; -m owner --uid-owner 33 --gid-owner 0 --suppl-groups; OK
# does it fit, and why
? uid=5; -m owner --uid-owner 0-9; YES uid 5 is 0-9
? uid=5; -m owner ! --uid-owner 5; NO uid 5 is 5
? ; -m owner --uid-owner 5; UNKNOWN the sender's uid is not told
*mangle
:POSTROUTING
? in=eth0; -m owner --uid-owner 5; NO no local socket sent it, so it has no uid
? in=eth0; -m owner ! --uid-owner 5; YES no local socket sent it, so it has no uid
*filter
:OUTPUT
? ; -m owner --socket-exists; YES it was sent by a local socket
