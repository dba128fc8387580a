/** A rule as both sides can spell it: without family and table, with single spaces. */
export const plainRule = (text: string): string =>
  text
    .trim()
    .replace(/^-[46] /, '')
    .replace(/^-t \S+ /, '')
    .replace(/(--name|--hashlimit-name) ([\w-]+)_lab\d+/g, '$1 $2')
    .replace(/\s+/g, ' ')
    .trim()
    // xtables-monitor has no word for what IPv6 is refused with; the frames tell
    .replace(/ --reject-with (icmp6-\S+|\(null\))$/, '')
    // a rule that the fuzzer numbered is known by its number
    .replace(/^.*-m comment --comment (r\d+)\b.*$/, '$1')
