# SECMARK: each line was asked of iptables 1.8.9, which took or refused it so
*security
:FORWARD
-j SECMARK --selctx ""; Argument to "--selctx" must have a length of 1–255 characters; FAIL
