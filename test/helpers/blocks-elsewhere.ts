/** A block of a page that is not run with the page. */
export interface BlockElsewhere {
  readonly page: string
  /** How its first line begins. */
  readonly begins: string
  /** The test that does what it says, or why none can. */
  readonly why: string
}

const installing = 'test/release/install.test.ts installs the packed package'

export const blocksElsewhere: readonly BlockElsewhere[] = [
  { page: 'README.md', begins: 'npm run demo', why: 'test/interop/demo.test.ts' },
  { page: 'README.md', begins: 'npm install beamlink', why: installing },
  { page: 'docs/guide.md', begins: 'sudo apt-get install', why: 'it is there' },
  { page: 'docs/guide.md', begins: 'mkdir web', why: installing },
  { page: 'docs/installing.md', begins: 'npm install beamlink', why: installing },
  {
    page: 'docs/installing.md',
    begins: 'apt-get install erlang-dev',
    why: 'test/release/native-builds.test.ts builds so',
  },
  {
    page: 'docs/installing.md',
    begins: 'npm run build ',
    why: 'test/release/native-builds.test.ts, and scripts/setup.sh before any test',
  },
  {
    page: 'docs/architecture.md',
    begins: 'npm run build ',
    why: '.ci/run builds, checks, guards and tests so; npm run bench measures, and takes minutes',
  },
  {
    page: 'docs/freeswitch.md',
    begins: '<configuration name="erlang_event.conf">',
    why: 'test/unit/freeswitch-config.test.ts reads it from the page',
  },
  {
    page: 'docs/kamailio.md',
    begins: 'apt-get install kamailio',
    why: 'test/interop/kamailio-example.test.ts, where Kamailio is',
  },
  {
    page: 'docs/kamailio.md',
    begins: 'include_file "beamlink.cfg"',
    why: 'test/interop/kamailio-example.test.ts: kamailio.cfg has both lines',
  },
  {
    page: 'docs/kamailio-db.md',
    begins: 'const schema = await readKamailioSchema',
    why: "it needs Kamailio's source; test/unit/kamailio-db-schema.test.ts reads such files",
  },
  { page: 'docs/tasks.md', begins: 'cd examples/tasks', why: 'test/interop/tasks-example.test.ts' },
  {
    page: 'docs/tasks.md',
    begins: '(shop@127.0.0.1)1> [maps:get(name, T)',
    why: 'test/interop/tasks-example.test.ts types it',
  },
  {
    page: 'docs/tasks.md',
    begins: 'modparam("evrexec"',
    why: "it is what Kamailio's document has",
  },
]
