import { ROOMS } from './walk.js'

/** The map of the rooms, made from their declared doors: what `src/path/README.md` holds. */
export function pathMap(): string {
  const node = (name: string) => name.replaceAll('-', '_')
  const rows = ROOMS.map(
    r => `| [${r.name}](${r.name}.ts) | ${r.says} | ${r.doors.join(', ') || 'the end'} | \`${r.kernel}\` |`,
  )
  const arrows = ROOMS.flatMap(r =>
    r.doors.map(door => `  ${node(r.name)}["${r.name}"] --> ${node(door)}["${door}"]`),
  )
  return `# The journey

A packet passes these rooms. Each decides only where it goes next, and may leave by its declared doors alone: another way
out does not compile. Who listens at a hook is decided in [netfilter](../netfilter), by priority. This page is made from
the rooms themselves and held to them by a test.

| room | what happens there | doors | in the kernel |
| --- | --- | --- | --- |
${rows.join('\n')}

\`\`\`mermaid
flowchart TD
${arrows.join('\n')}
\`\`\`

\`device-out\` also leads over a cable into \`device-in\` of another namespace; \`local-in\` ends at a socket, or takes an
inner packet out of a tunnel, whose journey goes on at \`device-in\`.
`
}
