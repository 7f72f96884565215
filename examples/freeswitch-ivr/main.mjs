/**
 * A telephone menu in JavaScript: the dialplan of a FreeSWITCH gives it calls with
 *
 *   <action application="erlang" data="ivr:! ivr@127.0.0.1"/>
 *
 *   node examples/freeswitch-ivr/main.mjs [--switch freeswitch@127.0.0.1] [--cookie ClueCon]
 *                                         [--name ivr@127.0.0.1] [--try KEYS]
 *
 * `--try 2` asks the switch of the other example for a call whose caller presses 2, and ends after it.
 */
import { parseArgs } from 'node:util'
import { ErlangNode } from 'beamlink'
import { FreeSwitch } from 'beamlink/freeswitch'

const { values } = parseArgs({
  options: {
    switch: { type: 'string', default: 'freeswitch@127.0.0.1' },
    cookie: { type: 'string', default: 'ClueCon' },
    name: { type: 'string', default: 'ivr@127.0.0.1' },
    try: { type: 'string' },
  },
})

const MENU = {
  1: { department: 'sales', prompt: 'ivr/sales.wav' },
  2: { department: 'support', prompt: 'ivr/support.wav' },
}
/** One digit, three tries of 5 s each, `#` ends; what was pressed goes to the variable `choice`. */
const QUESTION = '1 1 3 5000 # ivr/menu.wav ivr/once-more.wav choice'

const node = await ErlangNode.start({ name: values.name, cookie: values.cookie })
// The switch may start after us, and restart: whatever we ask waits for it.
const freeswitch = new FreeSwitch(node, values.switch, { whenDown: 'wait' })

/** Has the call until it returns; the switch hears of it when we fail. */
async function menu(call) {
  console.log(
    `call from ${call.get('Caller-Caller-ID-Number')} to ${call.get('Caller-Destination-Number')}`,
  )
  await call.answer()
  const asked = await call.execute('play_and_get_digits', QUESTION)
  const choice = MENU[asked.variable('choice')]
  if (choice === undefined) {
    console.log('nothing was chosen')
    await call.playback('ivr/goodbye.wav')
    return await call.hangup('NORMAL_CLEARING')
  }
  console.log(`the caller wants ${choice.department}`)
  await call.set('department', choice.department)
  await call.playback(choice.prompt)
  await call.hangup('NORMAL_CLEARING')
}

freeswitch.on('handlerError', (error) => console.log(`a call was lost: ${error.message}`))
freeswitch.on('restored', () => console.log(`${values.switch} is back`))
freeswitch.onCall('ivr:!', menu)

/** Prints how calls end, whoever has them. */
async function watch(hungUp) {
  for await (const event of hungUp) {
    console.log(`${event.get('Channel-Name')} ended: ${event.get('Hangup-Cause')}`)
    if (values.try !== undefined) return
  }
}

async function stop() {
  await freeswitch.close()
  await node.stop()
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)

const hungUp = freeswitch.events({ names: ['CHANNEL_HANGUP_COMPLETE'] })
const watching = watch(hungUp)
await hungUp.ready
console.log(`${node.name} waits for calls of ${values.switch}`)
if (values.try !== undefined) {
  const target = `&erlang('ivr:! ${node.name}')`
  await freeswitch.api('originate', `{keys=${values.try}}loopback/sales ${target}`)
  await watching
  await stop()
}
