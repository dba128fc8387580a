import { defineMatch } from '../extension.js'
import { text } from '../values.js'

export const comment = defineMatch({
  name: 'comment',
  summary: 'a remark on the rule; always fits',
  doc: 'Up to 255 bytes of text, without any effect.',
  kernel: 'net/netfilter/xt_comment.c comment_mt()',
  options: { comment: text('--comment', { required: true, max: 255 }) },
  match: () => true,
  because: (_env, { comment: remark }) => `a comment fits always: ${remark?.value}`,
})
