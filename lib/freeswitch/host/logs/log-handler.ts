import { Pid } from '../../../term/pid.js'
import { logLevels } from '../../protocol/log-levels.js'
import { pidKey } from '../../protocol/pid-key.js'
import { noLevel } from './settable-level.js'

/** Who at a peer gets log lines, and down to which level. There is one at most. */
export class LogHandler {
  target: Pid | undefined
  level: number = logLevels.debug
  isOn = false

  register(target: Pid): void {
    this.target = target
    this.level = logLevels.debug
    this.isOn = true
  }

  /** Lines of level 0 are for the console, and for everybody who gets any. */
  wants(level: number): boolean {
    return this.isOn && this.level !== noLevel && level <= this.level
  }

  /** False when it was another process. */
  ended(pid: Pid): boolean {
    if (!Pid.is(this.target) || pidKey(this.target) !== pidKey(pid)) return false
    this.target = undefined
    this.isOn = false
    return true
  }
}
