import { atom, isAtom, isList, isTagged, text } from 'beamlink'

/** The value of a key in a list of pairs, which is what RabbitMQ tells most things in. */
function field(pairs, key) {
  return (isList(pairs) ? pairs : []).find((pair) => isTagged(pair, key, 2))?.[1]
}

const nameOf = (value) => (isAtom(value) ? value.name : String(value))
const atoms = (...names) => names.map((name) => atom(name))

/**
 * What a node of RabbitMQ knows of itself and its cluster, as plain data. Units: bytes and seconds.
 *
 * Errors: those of `ErlangNode.rpc`: ERR_ERL_NODE_NOT_FOUND, ERR_ERL_AUTH, ERR_ERL_TIMEOUT …
 */
export async function readStatus(node, peer) {
  const options = { timeoutMs: 5_000, decode: 'elixir' }
  const ask = (module, name, ...args) => node.rpc(peer, module, name, args, options)
  const [status, all, running, vhosts, connections] = await Promise.all([
    ask('rabbit', 'status'),
    clusterNodes(ask, 'all', 'list_members'),
    clusterNodes(ask, 'running', 'list_running'),
    ask('rabbit_vhost', 'list_names'),
    ask('rabbit_networking', 'connection_info_all', atoms('name', 'user', 'state', 'channels')),
  ])
  const wanted = atoms('name', 'state', 'messages', 'consumers')
  const queues = await Promise.all(
    vhosts.map((vhost) => ask('rabbit_amqqueue', 'info_all', vhost, wanted)),
  )
  return {
    node: peer,
    version: text(field(status, 'rabbitmq_version')),
    erlang: /OTP \d+/.exec(text(field(status, 'erlang_version')))?.[0],
    uptime: field(status, 'uptime'),
    nodes: all.map((name) => ({ name, isRunning: running.includes(name) })),
    alarms: field(status, 'alarms').map(alarmOf),
    memory: {
      used: field(field(field(status, 'memory'), 'total'), 'rss'),
      limit: field(status, 'vm_memory_limit'),
    },
    diskFree: field(status, 'disk_free'),
    queues: queues.flat().map(queueOf),
    connections: connections.map(connectionOf),
  }
}

/** RabbitMQ 4 has other functions for it than RabbitMQ 3. */
async function clusterNodes(ask, which, since4) {
  const names = await ask('rabbit_nodes', since4).catch((error) => {
    if (!isAtom(error.reason, 'undef')) throw error
    return ask('rabbit_mnesia', 'cluster_nodes', atom(which))
  })
  return names.map(nameOf)
}

/** `{resource_limit, memory, Node}`, or an atom such as `file_descriptor_limit`. */
function alarmOf(alarm) {
  return isTagged(alarm, 'resource_limit', 3)
    ? { resource: nameOf(alarm[1]), node: nameOf(alarm[2]) }
    : { resource: nameOf(alarm) }
}

/** The name is `{resource, VHost, queue, Name}`. */
function queueOf(info) {
  const [, vhost, , name] = field(info, 'name')
  const state = nameOf(field(info, 'state'))
  return {
    vhost,
    name,
    state,
    messages: field(info, 'messages'),
    consumers: field(info, 'consumers'),
  }
}

function connectionOf(info) {
  return {
    name: field(info, 'name'),
    user: field(info, 'user'),
    state: nameOf(field(info, 'state')),
    channels: field(info, 'channels'),
  }
}
