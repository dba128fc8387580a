import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { FileError } from './usage-error.js'

/** Bytes; a longer text does not fit into one string of V8. */
const LONGEST = 512 * 1024 * 1024 - 32
const CHUNK = 1024 * 1024

/** The text of a file, or of a pipe. @throws FileError in words, not in errno; too much is told once it has come */
export function readText(file: string): string {
  const whole = new Gathered(file)
  try {
    const fd = openSync(file, 'r')
    try {
      // a file says how long it is, a pipe or device (0) does not
      if (fstatSync(fd).size > LONGEST) throw tooLarge(file)
      for (;;) {
        const chunk = Buffer.allocUnsafe(CHUNK)
        const length = readSync(fd, chunk)
        if (length === 0) return whole.text()
        whole.take(chunk.subarray(0, length))
      }
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (error instanceof FileError) throw error
    throw new FileError('unreadable', `${file}: ${reason(error)}`)
  }
}

/** The text of a stream that goes by a name. @throws FileError once too much has come: the rest is not read */
export async function readStream(stream: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  const whole = new Gathered(name)
  for await (const chunk of stream) whole.take(chunk)
  return whole.text()
}

class Gathered {
  private readonly chunks: Uint8Array[] = []
  private size = 0

  constructor(private readonly name: string) {}

  take(chunk: Uint8Array): void {
    this.size += chunk.length
    if (this.size > LONGEST) throw tooLarge(this.name)
    this.chunks.push(chunk)
  }
  text(): string {
    return Buffer.concat(this.chunks).toString('utf8')
  }
}

const tooLarge = (name: string): FileError =>
  new FileError('too-large', `${name}: more than 512 MiB; no dump is that large`)

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder, not a file'
  if (code === 'EACCES') return 'you may not read it'
  return message
}
