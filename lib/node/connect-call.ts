import { Call } from './calls.js'

/** The wait for a channel: settles when it is up. */
export class ConnectCall extends Call {
  snapshot(): number {
    return 0
  }

  protected send(): void {
    this.settle(undefined)
    this.calls.forget(this)
  }

  protected withdraw(): void {
    this.calls.forget(this)
  }

  monitorExit(): void {}
  answer(): void {}
}
