// Runs the tests under the pinned Node: node deploy/test.mjs unit|integration|browser|all [name filter]
// A test file's ending tells its kind: *.test.ts needs nothing, *.integration.test.ts brings real parts, *.browser.test.ts a browser.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { pinnedNode } from './loadstone.mjs';

const seedModule = new URL('test-seed.mjs', import.meta.url).href;

const [kind = 'all', ...filters] = process.argv.slice(2);
const { globSync } = fs;
if (globSync === undefined) {
  // Node 20 has no globSync: start again under the pinned Node.
  process.exit(spawnSync(pinnedNode(), process.argv.slice(1), { stdio: 'inherit' }).status ?? 1);
}
const every = globSync('{shared,edge,cloud,simulators,deploy}/**/*.test.ts', {
  exclude: (name) => name === 'node_modules',
}).sort();
const kindOf = (file) => /\.(integration|browser)\.test\.ts$/.exec(file)?.[1] ?? 'unit';
const files = every.filter(
  (file) => (kind === 'all' || kindOf(file) === kind) && filters.every((part) => file.includes(part)),
);
if (files.length === 0) {
  process.stderr.write(`no ${kind} test matches ${filters.join(' ')}\n`);
  process.exit(1);
}
const run = spawnSync(
  pinnedNode(),
  [
    '--disable-warning=ExperimentalWarning',
    `--import=${seedModule}`,
    '--test',
    '--test-concurrency=2',
    '--test-timeout=900000',
    ...files,
  ],
  {
    stdio: 'inherit',
  },
);
process.exit(run.status ?? 1);
