import { createReadStream } from 'node:fs'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Parser, type ReadEntry } from 'tar'
import { InputError, inputError } from '../parse/problems.js'
import { isSnapshotPath } from '../snapshot/files.js'

/** Bytes; a JavaScript string holds no more than this. */
const MAX_FILE = 512 * 1024 * 1024
/** Bytes of all files together. */
const MAX_ALL = 2 * 1024 * 1024 * 1024
/** NODE/netns/POD/FILE, and one folder that wraps it all. */
const MAX_DEPTH = 5

/**
 * Reads the files of a snapshot from a folder or a `.tar.gz` (or `.tar`) of one: only those that the loader knows, by their
 * paths inside the folder.
 * @throws InputError if there is nothing to read there, or a file is too large or binary
 */
export async function readSnapshotFiles(path: string): Promise<Map<string, string>> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw inputError(
      path,
      error.code === 'ENOENT' ? 'no such folder or archive' : `cannot be read: ${reason(error)}`,
    )
  })
  const files = info.isDirectory() ? await readFolder(path) : await readArchive(path)
  if (![...files.keys()].some(name => !name.endsWith('snapshot.yaml')))
    throw inputError(path, 'not a snapshot: no iptables-save.txt, ip-addr.txt or other known dump in it')
  return files
}

async function readFolder(root: string): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  let all = 0
  const walk = async (folder: string, below: string, depth: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(error => {
      throw inputError(folder, `cannot be read: ${reason(error)}`)
    })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const full = join(folder, entry.name)
      const inside = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) {
        if (depth < MAX_DEPTH && !entry.name.startsWith('.') && entry.name !== 'node_modules')
          await walk(full, inside, depth + 1)
        continue
      }
      if (!isSnapshotPath(inside)) continue
      const info = await stat(full).catch(error => {
        throw inputError(full, `cannot be read: ${reason(error)}`)
      })
      // a pipe or device of that name would never end
      if (!info.isFile()) throw inputError(full, 'not a regular file')
      all += info.size
      checkSize(full, info.size, all)
      const bytes = await readFile(full).catch(error => {
        throw inputError(full, `cannot be read: ${reason(error)}`)
      })
      files.set(inside, textOf(full, bytes))
    }
  }
  await walk(root, '', 1)
  return files
}

/** Nothing is unpacked to disk, so it does not matter where an entry's path would lead. */
function readArchive(path: string): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    const files = new Map<string, string>()
    let all = 0
    const source = createReadStream(path)
    const fail = (error: unknown) => {
      source.destroy()
      reject(
        error instanceof InputError ? error : inputError(path, `not a readable archive: ${reason(error)}`),
      )
    }
    const parser = new Parser({ strict: true, maxMetaEntrySize: 1024 * 1024 })
    parser.on('entry', (entry: ReadEntry) => {
      const name = String(entry.path)
      if (!/File$/.test(entry.type) || !isSnapshotPath(name) || name.split('/').length > MAX_DEPTH + 1) {
        entry.resume()
        return
      }
      const chunks: Buffer[] = []
      let size = 0
      entry.on('data', (chunk: Buffer) => {
        size += chunk.length
        all += chunk.length
        try {
          checkSize(`${path}: ${name}`, size, all)
          chunks.push(chunk)
        } catch (error) {
          fail(error)
        }
      })
      entry.on('end', () => {
        try {
          files.set(name.replace(/^(\.?\/)+/, ''), textOf(`${path}: ${name}`, Buffer.concat(chunks)))
        } catch (error) {
          fail(error)
        }
      })
    })
    parser.on('error', fail)
    parser.on('end', () => resolve(withoutWrapper(files)))
    source.on('error', fail)
    source.on('data', chunk => void parser.write(chunk as Buffer))
    source.on('end', () => parser.end())
  })
}

/** An archive usually holds the folder, not its contents: one that has snapshot.yaml or nodes below is taken off. */
function withoutWrapper(files: Map<string, string>): Map<string, string> {
  const heads = new Set([...files.keys()].map(name => name.split('/')[0]))
  const wrapped = [...files.keys()].every(name => name.includes('/')) && heads.size === 1
  const rest = new Map([...files].map(([name, text]) => [name.slice(name.indexOf('/') + 1), text] as const))
  // a lone node's folder is no wrapper: its files would lose the node's name
  const onlyNode =
    [...rest.keys()].every(name => !name.includes('/') || name.startsWith('netns/')) &&
    !rest.has('snapshot.yaml')
  return wrapped && !onlyNode ? rest : files
}

function checkSize(name: string, size: number, all: number): void {
  if (size > MAX_FILE) throw inputError(name, 'larger than 512 MiB')
  if (all > MAX_ALL) throw inputError(name, 'the snapshot is larger than 2 GiB')
}

/** @throws InputError if the start of the file holds NUL bytes: no command of a snapshot prints them */
function textOf(name: string, bytes: Buffer): string {
  if (bytes.subarray(0, 8192).includes(0))
    throw inputError(name, 'a binary file, where the output of a command was expected')
  return bytes.toString('utf8')
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied'
  return message ?? String(error)
}
