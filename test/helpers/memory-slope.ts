import { readFileSync } from 'node:fs'

const pageBytes = 4096

/** Resident memory of a process over time. */
export class MemorySlope {
  readonly #pid: number
  readonly #points: (readonly [minutes: number, mebibytes: number])[] = []
  readonly #start = performance.now()
  #timer: NodeJS.Timeout | undefined

  constructor(pid: number) {
    this.#pid = pid
    this.#timer = setInterval(() => this.#sample(), 1_000)
  }

  /** MiB a minute: the slope of the straight line through all but the first part, the warm-up. */
  stop(warmUpPart = 0.25): { readonly slope: number; readonly last: number } {
    clearInterval(this.#timer)
    const points = this.#points.slice(Math.floor(this.#points.length * warmUpPart))
    const mean = (index: 0 | 1) =>
      points.reduce((sum, point) => sum + point[index], 0) / points.length
    const [x, y] = [mean(0), mean(1)]
    const covariance = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
    const variance = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
    return { slope: covariance / variance, last: points.at(-1)?.[1] ?? 0 }
  }

  #sample(): void {
    const [, pages = '0'] = readFileSync(`/proc/${this.#pid}/statm`, 'utf8').split(' ')
    const minutes = (performance.now() - this.#start) / 60_000
    this.#points.push([minutes, (Number(pages) * pageBytes) / 2 ** 20])
  }
}
