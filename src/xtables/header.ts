import { type Bits, ipBits, type Ip } from '../values/ip.js'

/** Address under a mask that need not be contiguous, as -s and -d take it. */
export interface AddressMask {
  readonly address: Ip
  readonly mask: Bits
  readonly not: boolean
  readonly bits: Bits
}

export const addressMask = (address: Ip, mask: Bits, not: boolean): AddressMask => ({
  address,
  mask,
  not,
  bits: ipBits(address),
})
