import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Native handles and real Erlang nodes: every file in a process of its own. */
const forks = {
  pool: 'forks' as const,
  isolate: true,
  testTimeout: 30_000,
  hookTimeout: 60_000,
}

export default defineConfig({
  test: {
    // Much of a test's time is waiting for processes, so more files than cores pay.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...forks } },
      { test: { name: 'codec', include: ['test/codec/**/*.test.ts'], ...forks } },
      { test: { name: 'interop', include: ['test/interop/**/*.test.ts'], ...forks } },
      {
        test: {
          name: 'lifecycle',
          include: ['test/lifecycle/**/*.test.ts'],
          execArgv: ['--expose-gc'],
          ...forks,
          testTimeout: 60_000,
        },
      },
      // What networks, peers and systems do to a node: `npm run test:faults`. `npm test` has the quick ones.
      {
        test: { name: 'faults-quick', include: ['test/faults/quick/*.test.ts'], ...forks },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/*.test.ts'],
          ...forks,
          testTimeout: 120_000,
        },
      },
      // `npm run soak`.
      {
        test: {
          name: 'soak',
          include: ['test/soak/*.test.ts'],
          ...forks,
          testTimeout: 24 * 60 * 60_000,
        },
      },
      // Compilers and checkers that run for long on a busy machine.
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          ...forks,
          testTimeout: 180_000,
        },
      },
      {
        // Binaries for every platform, other Debians and Nodes: `npm run test:all`.
        test: {
          name: 'release',
          include: ['test/release/**/*.test.ts'],
          globalSetup: ['test/helpers/package/release.ts'],
          ...forks,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/types/**/*.test-d.ts'],
            tsconfig: './tsconfig.types.json',
          },
        },
      },
    ],
  },
})
