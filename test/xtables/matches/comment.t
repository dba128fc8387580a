# comment: each line was asked of iptables 1.8.9, which took or refused it so
-m comment --comment foo; =; OK
-m comment --comment "it's \"a\" \\b"; -m comment --comment "it\'s \"a\" \\b"; OK
-m comment --comment ""; =; OK
-m comment; comment: option "--comment" must be specified; FAIL
-m comment --comment "-foo"; -m comment --comment -foo; OK
-m comment --comment é; -m comment --comment "é"; OK
-m comment --comment a_b-c; =; OK
-m comment --comment 'single quoted'; Bad argument `quoted''; FAIL
-m comment --comment a --comment b; comment: option "--comment" can only be used once.; FAIL
# does it fit, and why
? ; -m comment --comment "a b"; YES a comment fits always: a b
