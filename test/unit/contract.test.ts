import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  EventKind,
  MeterColumn,
  Operation,
  RecordFlag,
  RecordWord,
} from '../../lib/native/contract.js'

const native = path.join(__dirname, '../../native')
const eventHeader = readFileSync(path.join(native, 'dist/event.h'), 'utf8')
const meterHeader = readFileSync(path.join(native, 'dist/meter.h'), 'utf8')
const controlForms = readFileSync(path.join(native, 'dist/control_forms.cc'), 'utf8')

/** What `kName = number` says in one enum. */
function enumOf(header: string, name: string): Record<string, number> {
  const [, members = ''] =
    new RegExp(`enum (?:class )?${name}\\b[^{]*\\{(.*?)\\}`, 's').exec(header) ?? []
  const pairs = [...members.matchAll(/k(\w+) = (\d+)/g)]
  expect(pairs.length).toBeGreaterThan(0)
  return Object.fromEntries(pairs.map(([, member, value]) => [member, Number(value)]))
}

function constantOf(header: string, name: string): number {
  const [, value] = new RegExp(`constexpr \\w+ ${name} = (\\d+);`).exec(header) ?? []
  return Number(value)
}

describe('the numbers that cross between C++ and TypeScript', () => {
  it('are the same for the kinds of events', () => {
    expect(enumOf(eventHeader, 'EventKind')).toEqual(EventKind)
  })

  it('are the same for the header of a record', () => {
    expect(constantOf(eventHeader, 'kRecordHeaderWords')).toBe(RecordWord.HeaderWords)
    const [, grammar = ''] = /record := (.*?) \(8 words/.exec(eventHeader) ?? []
    const words = Object.entries(RecordWord).sort(([, a], [, b]) => a - b)
    expect(grammar.trim().split(/\s+/).map(camelCase)).toEqual(
      words.map(([name]) => name).filter((name) => name !== 'HeaderWords'),
    )
  })

  it('are the same for the flags of a record', () => {
    expect({
      Payload: constantOf(eventHeader, 'kRecordHasPayload'),
      Large: constantOf(eventHeader, 'kRecordIsLarge'),
      PayloadAtShift: constantOf(eventHeader, 'kRecordPayloadShift'),
    }).toEqual(RecordFlag)
  })

  it('are the same for what a channel counts', () => {
    expect({
      ...enumOf(meterHeader, 'MeterColumn'),
      Columns: constantOf(meterHeader, 'kMeterColumns'),
    }).toEqual(MeterColumn)
  })

  it('are the same for the operations that JavaScript sees', () => {
    const forms = [...controlForms.matchAll(/^ {4}\{\d+, (\d+), (?:true|false), "/gm)]
    const seen = new Set(forms.map(([, number]) => Number(number)))
    expect([...seen].sort((a, b) => a - b)).toEqual(Object.values(Operation))
  })
})

function camelCase(name: string): string {
  return name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())
}
