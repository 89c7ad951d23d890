import type { PathNode } from './paths.ts'

/** The open containers on the way to wanted values: never deeper than the paths. */
export class JsonNesting {
  readonly #nodes: PathNode[] = []
  readonly #areArrays: boolean[] = []

  get depth(): number {
    return this.#nodes.length
  }

  /** The innermost one; undefined at the root. */
  get node(): PathNode | undefined {
    return this.#nodes[this.#nodes.length - 1]
  }

  get isArray(): boolean {
    return this.#areArrays[this.#areArrays.length - 1] === true
  }

  reset(): void {
    this.#nodes.length = 0
    this.#areArrays.length = 0
  }

  open(node: PathNode, isArray: boolean): void {
    this.#nodes.push(node)
    this.#areArrays.push(isArray)
  }

  /** The container that a bracket of this kind closes; undefined where it closes none. */
  close(isArray: boolean): PathNode | undefined {
    const closed = this.#nodes.pop()
    return this.#areArrays.pop() === isArray ? closed : undefined
  }
}
