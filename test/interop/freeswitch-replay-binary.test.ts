import { describe } from 'vitest'
import { replays } from '../helpers/freeswitch/replay-tests.js'

describe('encoding=binary', () => {
  replays({ encoding: 'binary', from: 'api_ok', to: 'freeswitch_erl_close' })
})
