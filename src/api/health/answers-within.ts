/** A store that hangs is a store that does not answer: probes have timeouts of their own. */
export async function answersWithin(ms: number, answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  try {
    return await Promise.race([answer.catch(() => false), tooLate])
  } finally {
    clearTimeout(timer)
  }
}
