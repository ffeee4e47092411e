// Runs the tests under the pinned Node: node deploy/test.mjs unit|integration|browser|system|simulation|all [name filter]
// A test file's ending tells its kind: *.test.ts needs nothing, *.integration.test.ts brings real parts, *.browser.test.ts a browser,
// *.system.test.ts starts the processes of a whole region, *.simulation.test.ts takes every processor: these two run alone, one file
// at a time, once all else has passed, so that none of them waits for another's work.
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
const kindOf = (file) => /\.(integration|browser|system|simulation)\.test\.ts$/.exec(file)?.[1] ?? 'unit';
const files = every.filter(
  (file) => (kind === 'all' || kindOf(file) === kind) && filters.every((part) => file.includes(part)),
);
if (files.length === 0) {
  process.stderr.write(`no ${kind} test matches ${filters.join(' ')}\n`);
  process.exit(1);
}
const isAlone = (file) => ['system', 'simulation'].includes(kindOf(file));
for (const alone of [false, true]) {
  const pass = files.filter((file) => isAlone(file) === alone);
  if (pass.length === 0) continue;
  const { status } = spawnSync(
    pinnedNode(),
    [
      '--disable-warning=ExperimentalWarning',
      `--import=${seedModule}`,
      '--test',
      `--test-concurrency=${alone ? 1 : 2}`,
      '--test-timeout=1800000',
      ...pass,
    ],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exit(status ?? 1);
}
