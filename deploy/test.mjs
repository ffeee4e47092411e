// Runs the tests under the pinned Node: node deploy/test.mjs KIND|all [part of a path ...]
// The ending of a file tells its kind. "all" is every kind but soak, whose tests take hours. CONTRIBUTING.md lists the tiers.
// What is skipped is named at the end with its reason and remedy; a skip that gives none counts as failed.
// A kind that fails does not hide what the next one finds: all of them run, and then the exit code is 1.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { pinnedNode } from './loadstone.mjs';
import { bringNeeds } from './needs.mjs';

const MINUTE_MS = 60_000;
const SLOWEST = 20;
const cores = availableParallelism();

/** In the order of the runs. `atOnce`: how many files. */
const kinds = {
  // *.test.ts needs nothing.
  unit: { atOnce: cores, timeoutMs: 10 * MINUTE_MS },
  // *.integration.test.ts brings real parts, and waits for them more than it works.
  integration: { atOnce: 2 * cores, timeoutMs: 10 * MINUTE_MS },
  // *.browser.test.ts brings a browser.
  browser: { atOnce: cores, timeoutMs: 10 * MINUTE_MS },
  // *.system.test.ts starts the processes of a whole region, so none of them waits for another's work.
  system: { atOnce: 1, timeoutMs: 30 * MINUTE_MS },
  // *.simulation.test.ts runs on virtual time, so others do not disturb it.
  simulation: { atOnce: cores, timeoutMs: 30 * MINUTE_MS },
  // *.soak.test.ts takes long.
  soak: { atOnce: 1, timeoutMs: 24 * 60 * MINUTE_MS },
};

const node = fs.realpathSync(pinnedNode());
if (fs.realpathSync(process.execPath) !== node)
  process.exit(spawnSync(node, process.argv.slice(1), { stdio: 'inherit' }).status ?? 1);

const [asked = 'all', ...filters] = process.argv.slice(2);
const kindOf = (file) => /\.(\w+)\.test\.ts$/.exec(file)?.[1] ?? 'unit';
const files = fs
  .globSync('{shared,edge,cloud,simulators,deploy}/**/*.test.ts', { exclude: (name) => name === 'node_modules' })
  .filter((file) => (asked === 'all' ? kindOf(file) !== 'soak' : kindOf(file) === asked))
  .filter((file) => filters.every((part) => file.includes(part)))
  .sort();
if (files.length === 0) {
  process.stderr.write(`no ${asked} test matches ${filters.join(' ')}\n`);
  process.exit(1);
}
const unknown = files.find((file) => !Object.hasOwn(kinds, kindOf(file)));
if (unknown !== undefined) {
  process.stderr.write(`${unknown}: the ending is none of ${Object.keys(kinds).join(', ')}\n`);
  process.exit(1);
}
bringNeeds(files);

// Every test file is a process of its own: what one has compiled the next one need not.
process.env.NODE_COMPILE_CACHE ??= `${process.cwd()}/.cache/compiled`;

const times = [];
const notRun = [];
const sum = { passed: 0, failed: 0 };
const lines = [];
for (const kind of Object.keys(kinds)) {
  const own = files.filter((file) => kindOf(file) === kind);
  if (own.length === 0) continue;
  const [began, usedBefore] = [performance.now(), childCpuS()];
  const counts = await runKind(own, kinds[kind]);
  const wallS = (performance.now() - began) / 1000;
  sum.passed += counts.passed;
  sum.failed += counts.failed + counts.cancelled;
  lines.push(
    `${kind.padEnd(11)} ${seconds(wallS)} ${seconds(childCpuS() - usedBefore)} of processors, ${own.length} files: ` +
      `${counts.passed} passed, ${counts.failed + counts.cancelled} failed, ${counts.skipped} skipped`,
  );
}
times.sort((a, b) => b.wallS - a.wallS);
process.stdout.write(
  [
    '\nThe slowest files:',
    ...times.slice(0, SLOWEST).map(({ file, wallS }) => `${seconds(wallS)}  ${file}`),
    '\nThe kinds:',
    ...lines,
    ...(notRun.length === 0 ? [] : ['\nNot run here:', ...notRun]),
    `\n${sum.passed} passed, ${sum.failed} failed\n`,
  ].join('\n'),
);
process.exitCode = sum.failed > 0 ? 1 : 0;

/** The tests of one kind, in the words of Node's own reporter; answers how many went how. */
async function runKind(own, { atOnce, timeoutMs }) {
  const stream = run({
    files: own,
    concurrency: atOnce,
    timeout: timeoutMs,
    execArgv: ['--disable-warning=ExperimentalWarning', `--import=${new URL('test-seed.mjs', import.meta.url).href}`],
  });
  const begun = new Map();
  // A file is a test that holds its tests.
  stream.on('test:dequeue', ({ name }) => begun.set(name, performance.now()));
  stream.on('test:complete', ({ name, nesting }) => {
    if (nesting === 0 && own.includes(name))
      times.push({ file: name, wallS: (performance.now() - begun.get(name)) / 1000 });
  });
  stream.on('test:pass', ({ name, file, skip }) => {
    if (skip === undefined) return;
    const said = typeof skip === 'string' && skip !== '';
    notRun.push(`${relative(process.cwd(), file)}: ${name}: ${said ? skip : 'it does not say why'}`);
    if (!said) sum.failed += 1;
  });
  let counts;
  stream.on('test:summary', (summary) => {
    if (summary.file === undefined) counts = summary.counts;
  });
  const shown = stream.compose(spec);
  for await (const text of shown) process.stdout.write(text);
  return counts;
}

/** What ended child processes and theirs have used of the processors, s. */
function childCpuS() {
  const TICKS_PER_S = 100;
  const fields = fs.readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_S;
}

function seconds(value) {
  return `${value.toFixed(1).padStart(7)} s`;
}
