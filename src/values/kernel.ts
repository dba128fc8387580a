/** Kernel versions as text: `6.18`, `5.15.0-91-generic`; major and minor count. */

/** Negative, zero or positive, as a sort of `6.1`, `6.18`, `5.15.0-91` wants it: by major and minor. */
export function compareKernels(a: string, b: string): number {
  const [x, y] = [a, b].map(v => v.split('.').map(n => Number.parseInt(n, 10) || 0))
  return x![0]! - y![0]! || (x![1] ?? 0) - (y![1] ?? 0)
}
