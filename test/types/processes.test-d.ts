import {
  type Atom,
  type ErlangNode,
  isTagged,
  type MailboxProcess,
  type RawTerm,
  type Reference,
  type Tagged,
  type Term,
} from 'beamlink'
import { expectTypeOf, it } from 'vitest'

declare const node: ErlangNode

it('a mailbox gives terms, or bytes where it is told to', () => {
  expectTypeOf(node.spawn()).toEqualTypeOf<MailboxProcess>()
  expectTypeOf(node.spawn({ name: 'x' }).receive()).toEqualTypeOf<Promise<Term>>()
  expectTypeOf(node.spawn({ decode: 'raw' }).receive()).toEqualTypeOf<Promise<RawTerm>>()
  node.spawn(async (self) => {
    for await (const message of self) expectTypeOf(message).toEqualTypeOf<Term>()
  })
  node.spawn((self) => expectTypeOf(self).toEqualTypeOf<MailboxProcess<RawTerm>>(), {
    decode: 'raw',
  })
})

it('receive gives what its options say', () => {
  const self = node.spawn()
  expectTypeOf(self.receive({ timeoutMs: 5 })).toEqualTypeOf<Promise<Term>>()
  expectTypeOf(self.receive({ timeoutMs: 5, orElse: undefined })).toEqualTypeOf<
    Promise<Term | undefined>
  >()
  expectTypeOf(self.receive({ match: (message) => isTagged(message, 'ok', 2) })).toEqualTypeOf<
    Promise<Tagged<'ok', 2>>
  >()
})

it('what is monitored is a process or a name, not a reference', () => {
  const self = node.spawn()
  expectTypeOf(self.monitor({ name: 'x', node: 'shop@127.0.0.1' })).toEqualTypeOf<Reference>()
  expectTypeOf(self.monitor).parameter(0).exclude<object>().toEqualTypeOf<string>()
  expectTypeOf(self.alias()).not.toExtend<Parameters<typeof self.monitor>[0]>()
  expectTypeOf<Atom>().toExtend<Parameters<typeof self.register>[0]>()
})
