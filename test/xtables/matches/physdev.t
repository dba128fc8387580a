# physdev: each line was asked of iptables 1.8.9, which took or refused it so
-m physdev --physdev-in eth0 ! --physdev-out veth+; =; OK
-m physdev ! --physdev-is-in --physdev-is-out --physdev-is-bridged; =; OK
-m physdev --physdev-out eth0; =; OK
-m physdev --physdev-is-bridged --physdev-out eth0; -m physdev --physdev-out eth0 --physdev-is-bridged; OK
-m physdev; physdev: no physdev option specified; FAIL
-m physdev --physdev-in aaaaaaaaaaaaaaaaa; physdev: interface name `aaaaaaaaaaaaaaaaa' must be shorter than IFNAMSIZ (15); FAIL
-m physdev --physdev-in +; =; OK
-m physdev --physdev-in "eth0" --physdev-in eth1; physdev: option "--physdev-in" can only be used once.; FAIL
:OUTPUT
-m physdev --physdev-out eth0; physdev: --physdev-out and --physdev-is-out are not usable in OUTPUT: the packet is not bridged yet; FAIL
-m physdev --physdev-is-out; physdev: --physdev-out and --physdev-is-out are not usable in OUTPUT: the packet is not bridged yet; FAIL
-m physdev --physdev-is-bridged; =; OK
:INPUT
-m physdev --physdev-out eth0; =; OK
*nat
:POSTROUTING
-m physdev --physdev-out eth0; =; OK
*filter
:INPUT
-m physdev --physdev-is-out; =; OK
*mangle
:PREROUTING
-m physdev --physdev-out eth0; =; OK
*raw
:OUTPUT
-m physdev ! --physdev-is-out; physdev: --physdev-out and --physdev-is-out are not usable in OUTPUT: the packet is not bridged yet; FAIL
-m physdev --physdev-out eth0 --physdev-is-bridged; =; OK
*filter
:USER
-m physdev --physdev-out eth0; =; OK
# does it fit, and why
:FORWARD
? physin=veth0 physout=veth1; -m physdev --physdev-in veth0; YES physin veth0 is veth0
? physin=veth0 physout=veth1; -m physdev --physdev-in veth1; NO physin veth0 is not veth1
? physin=veth0 physout=veth1; -m physdev ! --physdev-in veth+; NO physin veth0 is veth+
? physin=veth0 physout=veth1; -m physdev --physdev-is-bridged; YES it is bridged
? physin=veth0; -m physdev --physdev-is-bridged; NO it is not bridged
? physin=veth0; -m physdev ! --physdev-is-out; YES it leaves by no bridge port
? physin=veth0; -m physdev ! --physdev-out veth1; NO the outgoing bridge port is not known here
? physout=veth1; -m physdev --physdev-in veth0; YES no incoming bridge port is known, so none is compared
? ; -m physdev --physdev-is-in; NO br_netfilter is not looking after this packet, it has no bridge port
? ; -m physdev ! --physdev-is-bridged; YES br_netfilter is not looking after this packet, it has no bridge port
