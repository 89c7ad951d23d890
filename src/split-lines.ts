const LF = 0x0a

/** Whole lines with their newline, as views; bytes behind the last newline are in none of them. */
export function splitLines(content: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let start = 0
  for (let end = content.indexOf(LF); end >= 0; end = content.indexOf(LF, start)) {
    lines.push(content.subarray(start, end + 1))
    start = end + 1
  }
  return lines
}
