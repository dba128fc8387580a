import type { ExtensionHeader, Packet } from '../../model/packet.js'

type Of<K extends ExtensionHeader['kind']> = Extract<ExtensionHeader, { readonly kind: K }>

/** ipv6_find_hdr() for one kind: the first of them; a later fragment shows what stands before the fragment header. */
export const headerOf = <K extends ExtensionHeader['kind']>(packet: Packet, kind: K): Of<K> | undefined =>
  packet.headers?.find((h): h is Of<K> => h.kind === kind)
