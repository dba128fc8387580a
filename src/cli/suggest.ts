/** Optimal string alignment distance, given up beyond `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, before[j - 2]! + 1)
      next.push(best)
    }
    before = row
    row = next
  }
  return row[b.length]!
}

/** Those of the known words that a mistyped one probably meant, best first, at most three. */
export function similar(word: string, known: Iterable<string>): string[] {
  const short = word.slice(0, 64)
  const limit = Math.min(3, Math.ceil(short.length * 0.4))
  const near: { name: string; far: number }[] = []
  for (const name of known) {
    const far = distance(short.toLowerCase(), name.toLowerCase(), limit)
    if (far <= limit) near.push({ name, far })
  }
  return near
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** ` (Did you mean x?)`, or nothing, in commander's wording. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const near = similar(word, known)
  if (near.length === 0) return ''
  return near.length === 1 ? `\n(Did you mean ${near[0]}?)` : `\n(Did you mean one of ${near.join(', ')}?)`
}
