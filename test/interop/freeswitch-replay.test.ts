import { describe, expect, it } from 'vitest'
import { differenceOf, differences } from '../helpers/freeswitch/differences.js'
import { recordedCases } from '../helpers/freeswitch/replay.js'
import { replays } from '../helpers/freeswitch/replay-tests.js'

it('lists differences of recorded cases only', () => {
  const listed = recordedCases().map(differenceOf)
  expect(differences.filter((difference) => !listed.includes(difference))).toEqual([])
})

describe('encoding=string', () => {
  replays({ encoding: 'string', from: 'api_ok', to: 'freeswitch_erl_close' })
})

describe('encoding=string, with an ACL that denies the peer', () => {
  replays({
    encoding: 'string',
    from: 'acl_connect',
    to: 'acl_second_connection',
    hostOptions: {
      applyInboundAcl: ['loopback.auto', 'nobody'],
      acls: { nobody: { default: 'deny' } },
    },
  })
})
