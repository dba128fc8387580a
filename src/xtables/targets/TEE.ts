import { anyIp } from '../../values/ip.js'
import { defineTarget } from '../extension.js'
import { text } from '../values.js'
import { cutBytes } from './given.js'
import { hostAddress } from './host-address.js'

const oif = text('--oif', { bare: true })

/** Sends a copy elsewhere; the packet itself walks on. */
export const teeTarget = defineTarget({
  name: 'TEE',
  summary: 'send a copy to a machine on a local network, and go on',
  doc: 'The copy leaves towards the gateway with its addresses unchanged, past OUTPUT and POSTROUTING and untracked.',
  kernel: 'net/netfilter/xt_TEE.c tee_tg4(), tee_tg6()',
  options: {
    gateway: hostAddress('--gateway', true),
    oif: {
      ...oif,
      read: ([word]: readonly string[]) => cutBytes(word!, 15),
      print: (name: string) => (name === '' ? undefined : [name]),
    },
  },
  check: (args, { family }) =>
    args.gateway?.value === anyIp(family) ? 'the gateway must not be the zero address' : undefined,
  act: (_env, { gateway, oif }) => ({
    kind: 'continue',
    ...(gateway && {
      copy: { gateway: gateway.value, ...(oif && oif.value !== '' && { dev: oif.value }) },
    }),
  }),
})
