/** The rules of kube-proxy's iptables mode for a cluster of this size, as `iptables-save` prints them. */
export declare function bigDump(size: { readonly services: number; readonly endpoints: number }): string
