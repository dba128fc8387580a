# osf: each line was asked of iptables 1.8.9, which took or refused it so
-p tcp -m osf --genre Linux --ttl 1 --log 1; =; OK
-p tcp -m osf ! --genre "a b"; -p tcp -m osf ! --genre a b; ONCE
-p tcp -m osf --ttl 1; osf: option "--genre" must be specified; FAIL
-p tcp -m osf --genre x --ttl 3; osf: bad value for option "--ttl", or out of range (0-2); FAIL
-p tcp -m osf --genre x --ttl 0; =; OK
-p tcp -m osf --genre x --log 0; =; OK
-p tcp -m osf --genre Linux --log 3; osf: bad value for option "--log", or out of range (0-2); FAIL
# does it fit, and why
? ; -p tcp -m osf --genre Linux; UNKNOWN the sender's operating system is not told
