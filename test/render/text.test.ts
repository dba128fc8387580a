import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable } from '../../src/render/escape.js'
import { renderText } from '../../src/render/text.js'
import { textWidth, wrap } from '../../src/render/wrap.js'
import { ZOOMS } from '../../src/trace/zoom.js'
import { fixture } from './fixture.js'

test('summary tells the hops, the rules that decided, each rewrite, and the end', () => {
  const text = renderText(fixture(), { zoom: 'summary', columns: 120 })
  expect(text).toContain(
    'PREROUTING 1 > KUBE-SERVICES 5 > KUBE-SVC-SUFJBXTINOUNHVZG 2 > KUBE-SEP-ZTI3HAAOHLJY4P22 2',
  )
  expect(text).toContain('dst 192.168.134.205 -> 192.168.0.233   (DNAT)')
  expect(text).toContain('skipped    br_netfilter is not loaded')
  expect(text).toContain('FORWARD 5 > FLANNEL-FWD 1  ACCEPT')
  expect(text).toMatch(/^TIMES OUT {2}the reply comes from/m)
  expect(text).not.toContain('no match')
})

test('a later packet that fares like an earlier one is a line; full zoom folds nothing', () => {
  const summary = renderText(fixture(), { zoom: 'summary', columns: 120 })
  expect(summary).toContain('(same way as 1: delivered in apollo-db-0)')
  expect(summary).toContain('(same way as 2: dropped, NO_SOCKET)')
  const full = renderText(fixture(), { zoom: 'full', columns: 80 })
  expect(full).not.toContain('same way')
  expect(full).toContain('KUBE-SERVICES 1 no match')
})

test.each([40, 60, 80, 120, 200])('no line is wider than %i columns', columns => {
  for (const zoom of ZOOMS)
    for (const line of renderText(fixture(), { zoom, columns }).split('\n'))
      expect(textWidth(line), line).toBeLessThanOrEqual(columns)
})

test('colour only paints: without it the text is the same', () => {
  const paint = (_: string, text: string) => `<b>${text}</b>`
  const painted = renderText(fixture(), { zoom: 'summary', columns: 80, paint })
  expect(painted.replace(/<\/?b>/g, '')).toBe(renderText(fixture(), { zoom: 'summary', columns: 80 }))
})

test('what a dump says cannot speak to the terminal', () => {
  const talk = { ...fixture(), because: 'a\u001b[2Jb\u009b1m\r\n\u202ec\ud800' }
  const text = renderText(talk, { zoom: 'minimal', columns: 80 })
  expect(text).toContain('a\\x1b[2Jb\\x9b1m\\r\\n\\u{202e}c\\u{d800}')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), s => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come through
      expect(printable(s)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
    }),
  )
})

test('wrapping loses nothing and keeps its width', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 30 })), fc.integer({ min: 12, max: 60 }), (words, width) => {
      const text = printable(words.join(' '))
      const lines = wrap(text, width, 2)
      expect(lines.join('').replace(/ /g, '')).toBe(text.replace(/ /g, ''))
      lines.forEach((line, i) => {
        expect(textWidth(line)).toBeLessThanOrEqual(i === 0 ? width : width - 2)
      })
    }),
  )
})
