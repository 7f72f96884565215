import type { ErlangNode, Term } from 'beamlink'
import { type Task, type TaskFunction, type TaskStatus, Tasks } from 'beamlink/tasks'
import { describe, expectTypeOf, it } from 'vitest'

declare const node: ErlangNode

describe('the types of tasks', () => {
  it('are those of a definition, or of the string and what it cannot say', () => {
    const tasks = new Tasks({ node, startOrder: 'reverse', runs: { workers: 4 } })
    expectTypeOf(tasks.define('name=a;wait=1000', { run: './a.mjs' })).toEqualTypeOf<Tasks>()
    tasks.define({ name: 'a', restart: { when: 'always', restarts: 1 }, schedule: '* * * * *' })
    // @ts-expect-error the string has it
    tasks.define('name=a', { workers: 2 })
    // @ts-expect-error no such policy
    tasks.define({ name: 'a', restart: 'sometimes' })
    expectTypeOf(tasks.run('a')).toEqualTypeOf<Promise<Term | undefined>>()
    expectTypeOf(tasks.list()).toEqualTypeOf<TaskStatus[]>()
  })

  it('are those of a function that is a task', () => {
    const run: TaskFunction = async (argument, { node, signal, log, index }) => {
      expectTypeOf(argument).toBeString()
      expectTypeOf(index).toEqualTypeOf<Task['index']>()
      expectTypeOf(await node.rpc('a@b', 'm', 'f', [1], { signal })).toEqualTypeOf<Term>()
      log.info('done')
    }
    expectTypeOf(run).toExtend<TaskFunction>()
  })
})
