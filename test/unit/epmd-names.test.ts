import { describe, expect, it } from 'vitest'
import { EpmdServer, epmdNames } from '../../lib/index.js'

describe('epmdNames', () => {
  it('is refused with the option, the rule and the value', async () => {
    await expect(epmdNames({ prot: 1 } as never)).rejects.toThrow(/"prot" of epmdNames/)
    await expect(epmdNames({ host: '' })).rejects.toThrow(/^host must be/)
    await expect(epmdNames({ port: 0 })).rejects.toThrow(/^port must be/)
    await expect(epmdNames({ timeoutMs: -1 })).rejects.toThrow(/^timeoutMs must be/)
  })

  it('is empty at an epmd that knows no node', async () => {
    const server = await EpmdServer.listen(0)
    try {
      expect(await epmdNames({ port: server.port })).toEqual([])
    } finally {
      await server.close()
    }
  })

  it('rejects with ERR_ERL_NO_EPMD where no epmd is', async () => {
    const server = await EpmdServer.listen(0)
    await server.close()
    await expect(epmdNames({ port: server.port })).rejects.toMatchObject({
      code: 'ERR_ERL_NO_EPMD',
    })
  })
})
