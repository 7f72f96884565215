import { defineConfig } from 'vitest/config'

/** Native handles and real Erlang nodes: every file in a process of its own. */
const forks = { pool: 'forks' as const, isolate: true }

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...forks } },
      { test: { name: 'codec', include: ['test/codec/**/*.test.ts'], ...forks } },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          ...forks,
        },
      },
      {
        test: {
          name: 'lifecycle',
          include: ['test/lifecycle/**/*.test.ts'],
          execArgv: ['--expose-gc'],
          testTimeout: 60_000,
          ...forks,
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
            tsconfig: './tsconfig.test.json',
          },
        },
      },
    ],
  },
})
