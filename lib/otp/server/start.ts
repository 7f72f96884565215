interface Waiting {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Whether a server's `init` is done, for those who want to know. */
export class ServerStart {
  /** Over in either way. */
  isOver = false
  #failure: { readonly error: unknown } | undefined
  #waiting: Waiting | undefined

  get promise(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error)
    if (this.isOver) return Promise.resolve()
    this.#waiting ??= makeWaiting()
    return this.#waiting.promise
  }

  succeed(): void {
    this.isOver = true
    this.#waiting?.resolve()
  }

  /** True when somebody waits, and so hears of it. */
  fail(error: unknown): boolean {
    this.isOver = true
    this.#failure = { error }
    this.#waiting?.reject(error)
    return this.#waiting !== undefined
  }

  /** Errors: what it failed with. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}

function makeWaiting(): Waiting {
  let resolve: Waiting['resolve'] = () => undefined
  let reject: Waiting['reject'] = () => undefined
  const promise = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
