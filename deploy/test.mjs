// Runs the tests under the pinned Node: node deploy/test.mjs KIND|all [part of a path ...]
// The ending of a file tells its kind. "all" is every kind but soak, whose tests take hours. CONTRIBUTING.md lists the tiers.
// What is skipped is named at the end with its reason and remedy; a skip that gives none counts as failed.
// A kind that fails does not hide what the next one finds: all of them run, and then the exit code is 1.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { pinnedNode } from './loadstone.mjs';
import { bringNeeds } from './needs.mjs';

const MINUTE_MS = 60_000;
const SLOWEST = 20;
/** Of an error, where failures are listed once more at the end. */
const REASON_LINES = 20;
const cores = availableParallelism();

/** One after the other: a region that runs needs the machine for itself. `atOnce`: how many files. */
const kinds = {
  // *.test.ts needs nothing.
  unit: { atOnce: cores, timeoutMs: 10 * MINUTE_MS },
  // *.integration.test.ts brings real parts.
  integration: { atOnce: cores, timeoutMs: 10 * MINUTE_MS },
  // *.system.test.ts starts the processes of a whole region and waits for what happens there.
  system: { atOnce: 1, timeoutMs: 30 * MINUTE_MS },
  // *.browser.test.ts brings a browser.
  browser: { atOnce: cores, timeoutMs: 10 * MINUTE_MS },
  // *.simulation.test.ts runs on virtual time.
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
process.env.LOADSTONE_TEST_CPU = join(fs.mkdtempSync(join(tmpdir(), 'loadstone-tests-')), 'cpu');

const times = [];
const notRun = [];
const failures = [];
const sum = { passed: 0, failed: 0 };
const lines = [];
for (const [name, limits] of Object.entries(kinds)) {
  const own = files.filter((file) => kindOf(file) === name);
  if (own.length === 0) continue;
  const began = performance.now();
  const counts = await runKind(own, limits);
  const failed = counts.failed + counts.cancelled;
  sum.passed += counts.passed;
  sum.failed += failed;
  const text = `${name}: ${own.length} files, ${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`;
  lines.push({ own, wallS: (performance.now() - began) / 1000, text });
}
const cpuS = processorsUsed();
times.sort((a, b) => b.wallS - a.wallS);
process.stdout.write(
  [
    '\nThe slowest files, and what they used of processors:',
    ...times.slice(0, SLOWEST).map(({ file, wallS }) => `${seconds(wallS)} ${seconds(cpuS(file))}  ${file}`),
    '\nThe kinds:',
    ...lines.map(({ own, wallS, text }) => `${seconds(wallS)} ${seconds(cpuS(...own))}  ${text}`),
    ...(notRun.length === 0 ? [] : ['\nNot run here:', ...notRun]),
    ...(failures.length === 0 ? [] : ['\nFailed:', ...failures]),
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
    execArgv: ['--disable-warning=ExperimentalWarning', ...loaded('test-seed.mjs', 'test-cpu.mjs')],
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
  stream.on('test:fail', ({ name, file, details: { error } }) => {
    // A test that only holds one that failed says nothing of its own.
    if (error.failureType === 'subtestsFailed') return;
    const why = String(error.cause?.stack ?? error.cause ?? error)
      .split('\n')
      .slice(0, REASON_LINES);
    failures.push(`${relative(process.cwd(), file ?? '')}: ${name}`, ...why.map((line) => `    ${line}`));
  });
  let counts;
  stream.on('test:summary', (summary) => {
    if (summary.file === undefined) counts = summary.counts;
  });
  for await (const text of stream.compose(spec)) process.stdout.write(String(text));
  return counts;
}

/** What files have used of the processors with their child processes, s, as each told at its end. */
function processorsUsed() {
  const told = process.env.LOADSTONE_TEST_CPU;
  const rows = fs.existsSync(told) ? fs.readFileSync(told, 'utf8').trim().split('\n') : [];
  const byFile = new Map(rows.map((row) => row.split('\t')).map(([file, used]) => [relative('', file), Number(used)]));
  fs.rmSync(dirname(told), { recursive: true });
  return (...own) => own.reduce((all, file) => all + (byFile.get(file) ?? 0), 0);
}

function seconds(value) {
  return `${value.toFixed(1).padStart(7)} s`;
}

function loaded(...names) {
  return names.map((name) => `--import=${new URL(name, import.meta.url).href}`);
}
