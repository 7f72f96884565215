/** Why a parked call went on. */
export type ParkEnd = 'hungUp' | 'transferred' | 'released'

/** A call that waits until something happens to it. */
export interface Park {
  readonly ended: Promise<ParkEnd>
  end(why: ParkEnd): void
}

export function park(): Park {
  let end: (why: ParkEnd) => void = () => undefined
  const ended = new Promise<ParkEnd>((resolve) => {
    end = resolve
  })
  return { ended, end }
}
