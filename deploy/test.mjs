// Runs the tests under the pinned Node: node deploy/test.mjs KIND|all [part of a path ...]
// The suffix of a file is its kind. "all" is every kind except soak, whose tests take hours. CONTRIBUTING.md lists the tiers. Skipped tests
// are listed at the end with reason and remedy; a skip without a reason counts as failed. A failing kind does not stop the others; the exit
// code is then 1.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fewFilesOptions } from './few-files.mjs';
import { pinnedNode } from './loadstone.mjs';
import { bringNeeds } from './needs.mjs';
import { rowsOf, watch } from './test-watch.mjs';

const MINUTE_MS = 60_000;
const SLOWEST = 20;
/** Lines of an error that the final list of failures shows. */
const REASON_LINES = 20;
const cores = availableParallelism();

/**
 * Kinds run one after the other. `atOnce`: number of processes. `each`: number of files that a process runs in sequence. `first`: the
 * slowest files, started first so that none runs on after all others have ended. `alone`: files that need the machine to themselves.
 * `mostMs`: time limit of a file, after which its process is killed.
 */
const kinds = {
  // *.test.ts needs nothing.
  unit: { atOnce: cores, each: 24, mostMs: 10 * MINUTE_MS },
  // *.integration.test.ts uses real components and often waits for them.
  integration: {
    atOnce: cores + 1,
    first: ['cloud-on-rabbitmq.', 'edge/example.', 'systemd/unit.', 'package-deb.', 'cli/identity.', 'blueprints.'],
    mostMs: 10 * MINUTE_MS,
  },
  // *.system.test.ts starts the processes of a whole region and waits for events there.
  system: {
    atOnce: cores,
    first: ['attack/mutations.', 'attack-on-rabbitmq.', 'attack.', 'kill.', 'desk.', 'spike.'],
    alone: ['scenarios/demo.', 'busy-machine.'],
    mostMs: 30 * MINUTE_MS,
  },
  // *.browser.test.ts starts a browser.
  browser: { atOnce: cores, first: ['screens.', 'acting.'], mostMs: 10 * MINUTE_MS },
  // *.simulation.test.ts runs on virtual time.
  simulation: {
    atOnce: cores,
    first: ['simulate/seeds.', 'truth/alarms.', 'first-minutes.', 'mutations.'],
    mostMs: 30 * MINUTE_MS,
  },
  // *.soak.test.ts takes hours.
  soak: { atOnce: 1, mostMs: 24 * 60 * MINUTE_MS },
};
const node = fs.realpathSync(pinnedNode());
if (fs.realpathSync(process.execPath) !== node)
  process.exit(spawnSync(node, process.argv.slice(1), { stdio: 'inherit' }).status ?? 1);

const [asked = 'all', ...filters] = process.argv.slice(2);
const kindOf = (file) => /\.(\w+)\.test\.ts$/.exec(file)?.[1] ?? 'unit';
const files = fs
  .globSync('{shared,edge,cloud,simulators,deploy}/**/*.test.ts', { exclude: (name) => name === 'node_modules' })
  .filter((file) => (asked === 'all' ? kindOf(file) !== 'soak' : kindOf(file) === asked))
  .filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)))
  .sort();
const unmatched = filters.find((part) => !files.some((file) => file.includes(part)));
if (files.length === 0 || unmatched !== undefined) {
  process.stderr.write(`no ${asked} test${unmatched === undefined ? '' : ` matches ${unmatched}`}\n`);
  process.exit(1);
}
const unknown = files.find((file) => !Object.hasOwn(kinds, kindOf(file)));
if (unknown !== undefined) {
  process.stderr.write(`${unknown}: unknown kind; known: ${Object.keys(kinds).join(', ')}\n`);
  process.exit(1);
}
bringNeeds(files);

// Processes share compiled code.
process.env.NODE_COMPILE_CACHE ??= `${process.cwd()}/.cache/compiled`;
process.env.NODE_OPTIONS = await fewFilesOptions();
const scratch = fs.mkdtempSync(join(tmpdir(), 'loadstone-tests-'));
const told = join(scratch, 'told');

const notRun = [];
const failures = [];
const sum = { passed: 0, failed: 0 };
const lines = [];
for (const [name, limits] of Object.entries(kinds)) {
  const own = files.filter((file) => kindOf(file) === name);
  if (own.length === 0) continue;
  const began = performance.now();
  const counts = await runKind(own, limits);
  sum.passed += counts.passed;
  sum.failed += counts.failed;
  const text = `${name}: ${own.length} files, ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
  lines.push({ own, wallS: (performance.now() - began) / 1000, text });
}
const times = finished();
fs.rmSync(scratch, { recursive: true });
const cpuS = (own) => own.reduce((all, file) => all + (times.get(file)?.cpuS ?? 0), 0);
const slowest = [...times.values()].sort((a, b) => b.wallS - a.wallS).slice(0, SLOWEST);
process.stdout.write(
  [
    '\nThe slowest files, with wall and CPU time:',
    ...slowest.map((each) => `${seconds(each.wallS)} ${seconds(each.cpuS)}  ${each.file}`),
    '\nThe kinds:',
    ...lines.map(({ own, wallS, text }) => `${seconds(wallS)} ${seconds(cpuS(own))}  ${text}`),
    ...(notRun.length === 0 ? [] : ['\nNot run here:', ...notRun]),
    ...(failures.length === 0 ? [] : ['\nFailed:', ...failures]),
    `\n${sum.passed} passed, ${sum.failed} failed\n`,
  ].join('\n'),
);
process.exitCode = sum.failed > 0 ? 1 : 0;

/** Runs the tests of one kind. Returns the counts. */
async function runKind(own, { atOnce, first = [], alone = [], ...limits }) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const rank = (file) => first.findIndex((part) => file.includes(part)) + 1 || Infinity;
  const isAlone = (file) => alone.some((part) => file.includes(part));
  const byRank = own.filter((file) => !isAlone(file)).sort((a, b) => Math.sign(rank(a) - rank(b) || 0));
  for (const [some, processes] of [
    [own.filter(isAlone), 1],
    [byRank, atOnce],
  ])
    if (some.length > 0) await runFiles(some, { ...limits, atOnce: processes, counts });
  return counts;
}

/** Runs some files with the output of Node's own reporter, and adds to the counts. */
async function runFiles(own, { atOnce, each = 1, mostMs, counts }) {
  const fail = (what, why = []) => {
    counts.failed += 1;
    failures.push(what, ...why.map((line) => `    ${line}`));
  };
  const failedBefore = counts.failed;
  const shares = dealt(own, Math.ceil(own.length / each));
  const stream = run({
    files: [...shares.keys()],
    concurrency: atOnce,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const cut = new Set();
  const endWatch = watch(told, {
    mostMs,
    onCut: (file, why) => {
      cut.add(file);
      fail(`${file}: ${why}`);
    },
  });
  // A file is a suite of its tests. Results arrive file by file.
  let file = '';
  stream.on('test:start', ({ name, nesting }) => {
    if (nesting === 0) file = name;
  });
  stream.on('test:pass', ({ name, skip, details }) => {
    if (shares.has(name) || details.type === 'suite') return;
    if (skip === undefined) counts.passed += 1;
    else if (typeof skip === 'string' && skip !== '') notRun.push(`${file}: ${name}: ${skip}`);
    else fail(`${file}: ${name}: skipped without a reason`);
    if (skip !== undefined) counts.skipped += 1;
  });
  const ofProcesses = [];
  stream.on('test:fail', ({ name, details: { error } }) => {
    // A suite that only contains a failed test adds no information.
    if (error.failureType === 'subtestsFailed') return;
    const why = String(error.cause?.stack ?? error.cause ?? error)
      .split('\n')
      .slice(0, REASON_LINES);
    if (shares.has(name)) ofProcesses.push([shares.get(name).join(' '), why]);
    else fail(`${file}: ${name}`, why);
  });
  stream.on('test:diagnostic', ({ message }) => {
    // An error after the end of its test. The message names test and file.
    if (message.startsWith('Error: ')) fail(message);
  });
  for await (const text of stream.compose(spec)) process.stdout.write(String(text));
  endWatch();
  const ended = finished();
  for (const share of shares.values()) {
    const [first, ...others] = share.filter((each) => !ended.has(each));
    if (first !== undefined && !cut.has(first)) fail(`${first}: its process exited before the file had ended`);
    for (const other of others) fail(`${other}: did not run, because ${first} ended the shared process`);
  }
  if (counts.failed === failedBefore) for (const [which, why] of ofProcesses) fail(which, why);
}

/** Distributes the files over processes, by the script that each process runs. The same seed gives the same distribution. */
function dealt(own, processes) {
  const seed = process.env.LOADSTONE_SEED ?? '';
  const place = (file) => createHash('sha256').update(`${seed} ${file}`).digest('hex');
  const shuffled = processes === own.length ? own : own.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
  const shares = Map.groupBy(shuffled, (_file, at) => join(scratch, `${kindOf(shuffled[0])}-${at % processes}.mjs`));
  for (const [script, share] of shares)
    fs.writeFileSync(
      script,
      `import { runFiles } from ${JSON.stringify(besides('test-files.mjs'))};\n` +
        `await runFiles(${JSON.stringify(share)}, ${JSON.stringify(told)});\n`,
    );
  return shares;
}

/** The final row of each ended file, by path. */
function finished() {
  const rows = rowsOf(told).filter(({ state }) => state === 'ended');
  return new Map(rows.map((row) => [row.file, row]));
}

function seconds(value) {
  return `${value.toFixed(1).padStart(7)} s`;
}

function besides(name) {
  return new URL(name, import.meta.url).href;
}
