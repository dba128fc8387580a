import picocolors from 'picocolors'
import { type Paint, plain } from '../render/rows.js'

/** Colours for a terminal, or none. */
export function paintFor(color: boolean): Paint {
  if (!color) return plain
  const c = picocolors.createColors(true)
  const tones: Record<Parameters<Paint>[0], (text: string) => string> = {
    plain: text => text,
    strong: c.bold,
    dim: c.dim,
    good: text => c.bold(c.green(text)),
    bad: text => c.bold(c.red(text)),
    change: c.cyan,
    warn: c.yellow,
  }
  return (tone, text) => tones[tone](text)
}
