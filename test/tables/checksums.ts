/** RFC 1071: the complement of the sum of 16-bit words in ones' complement. */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** CRC-32C (RFC 9260, appendix A), in the byte order in which SCTP writes it. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  const done = ~crc >>> 0
  return ((done & 0xff) << 24) | ((done & 0xff00) << 8) | ((done >>> 8) & 0xff00) | (done >>> 24)
}
