// Runs the tests under the pinned Node: node deploy/test.mjs KIND|all [part of a path ...]
// The suffix of a file is its kind. "all" is every kind except soak, whose tests take hours. CONTRIBUTING.md lists the tiers. Skipped tests
// are listed at the end with reason and remedy; a skip without a reason counts as failed. A failing phase does not stop the others; the exit
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

/** Phases run one after the other, each with so many processes at once. */
const phases = {
  // Its files compute.
  busy: cores,
  // Its files often wait: for a process, an event, a page.
  waiting: 2 * cores,
  // Its files need the machine to themselves.
  alone: 1,
};
/** `each`: number of files that a process runs in sequence, 1 by default. `mostMs`: limit of a file, after which its process is killed. */
const kinds = {
  // *.test.ts needs nothing.
  unit: { phase: 'busy', each: 24, mostMs: 10 * MINUTE_MS },
  // *.simulation.test.ts runs on virtual time.
  simulation: { phase: 'busy', mostMs: 30 * MINUTE_MS },
  // *.integration.test.ts uses real components.
  integration: { phase: 'waiting', mostMs: 10 * MINUTE_MS },
  // *.browser.test.ts starts a browser.
  browser: { phase: 'waiting', mostMs: 10 * MINUTE_MS },
  // *.system.test.ts starts the processes of a whole region.
  system: { phase: 'waiting', mostMs: 30 * MINUTE_MS },
  // *.soak.test.ts takes hours.
  soak: { phase: 'alone', mostMs: 24 * 60 * MINUTE_MS },
};
const alone = ['scenarios/demo.'];
/** The slowest files, started first, so that none runs on after all others have ended. */
const first = [
  'simulate/seeds.',
  'truth/alarms.',
  'first-minutes.',
  'simulate/mutations.',
  'prove/prove.',
  'attack/mutations.',
  'attack-on-rabbitmq.',
  'attack/attack.',
  'scenarios/desk.',
  'scenarios/region.',
  'screens.browser.',
  'acting.browser.',
  'package-deb.',
  'cloud-on-rabbitmq.',
  'cli/identity.',
  'blueprints.',
];
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
const counts = new Map();
const lines = [];
for (const [phase, atOnce] of Object.entries(phases)) {
  const own = files.filter((file) => phaseOf(file) === phase);
  if (own.length === 0) continue;
  const began = performance.now();
  await runFiles(own, atOnce);
  lines.push({ own, wallS: (performance.now() - began) / 1000, text: `${phase}, ${atOnce} at once` });
}
const times = finished();
fs.rmSync(scratch, { recursive: true });
const cpuS = (own) => own.reduce((all, file) => all + (times.get(file)?.cpuS ?? 0), 0);
const slowest = [...times.values()].sort((a, b) => b.wallS - a.wallS).slice(0, SLOWEST);
process.stdout.write(
  [
    '\nThe slowest files, with wall and CPU time:',
    ...slowest.map((each) => `${seconds(each.wallS)} ${seconds(each.cpuS)}  ${each.file}`),
    '\nThe phases, with wall and CPU time:',
    ...lines.map(({ own, wallS, text }) => `${seconds(wallS)} ${seconds(cpuS(own))}  ${text}`),
    '\nThe kinds, with CPU time:',
    ...Object.keys(kinds).flatMap((kind) => {
      const own = files.filter((file) => kindOf(file) === kind);
      const { passed, failed, skipped } = countsOf(kind);
      return own.length === 0
        ? []
        : [
            `${seconds(cpuS(own))}  ${kind}: ${own.length} files, ${passed} passed, ${failed} failed, ${skipped} skipped`,
          ];
    }),
    ...(notRun.length === 0 ? [] : ['\nNot run here:', ...notRun]),
    ...(failures.length === 0 ? [] : ['\nFailed:', ...failures]),
    `\n${sum('passed')} passed, ${sum('failed')} failed\n`,
  ].join('\n'),
);
process.exitCode = sum('failed') > 0 ? 1 : 0;

function phaseOf(file) {
  return alone.some((part) => file.includes(part)) ? 'alone' : kinds[kindOf(file)].phase;
}

function countsOf(kind) {
  if (!counts.has(kind)) counts.set(kind, { passed: 0, failed: 0, skipped: 0 });
  return counts.get(kind);
}

function sum(of) {
  return counts.values().reduce((all, each) => all + each[of], 0);
}

function fail(kind, what, why = []) {
  countsOf(kind).failed += 1;
  failures.push(what, ...why.map((line) => `    ${line}`));
}

/** Runs some files with the output of Node's own reporter, and counts their tests. */
async function runFiles(own, atOnce) {
  const failedBefore = sum('failed');
  const rank = (file) => first.findIndex((part) => file.includes(part)) + 1 || Infinity;
  const shares = new Map(
    Map.groupBy(own, kindOf)
      .entries()
      .flatMap(([kind, some]) => dealt(some, Math.ceil(some.length / (kinds[kind].each ?? 1)))),
  );
  const ranked = [...shares.keys()].sort((a, b) => Math.sign(rank(shares.get(a)[0]) - rank(shares.get(b)[0]) || 0));
  const stream = run({
    files: ranked,
    concurrency: atOnce,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const cut = new Set();
  const endWatch = watch(told, {
    mostMs: (each) => kinds[kindOf(each)].mostMs,
    onCut: (each, why) => {
      cut.add(each);
      fail(kindOf(each), `${each}: ${why}`);
    },
  });
  // A file is a suite of its tests. Results arrive file by file.
  let file = '';
  stream.on('test:start', ({ name, nesting }) => {
    if (nesting === 0) file = name;
  });
  stream.on('test:pass', ({ name, skip, details }) => {
    if (shares.has(name) || details.type === 'suite') return;
    const kind = kindOf(file);
    if (skip === undefined) countsOf(kind).passed += 1;
    else if (typeof skip === 'string' && skip !== '') notRun.push(`${file}: ${name}: ${skip}`);
    else fail(kind, `${file}: ${name}: skipped without a reason`);
    if (skip !== undefined) countsOf(kind).skipped += 1;
  });
  const ofProcesses = [];
  stream.on('test:fail', ({ name, details: { error } }) => {
    // A suite that only contains a failed test adds no information.
    if (error.failureType === 'subtestsFailed') return;
    const why = String(error.cause?.stack ?? error.cause ?? error)
      .split('\n')
      .slice(0, REASON_LINES);
    if (shares.has(name)) ofProcesses.push([shares.get(name).join(' '), why]);
    else fail(kindOf(file), `${file}: ${name}`, why);
  });
  stream.on('test:diagnostic', ({ message }) => {
    // An error after the end of its test. The message names test and file.
    if (message.startsWith('Error: ')) fail(kindOf(file), message);
  });
  for await (const text of stream.compose(spec)) process.stdout.write(String(text));
  endWatch();
  const ended = finished();
  for (const share of shares.values()) {
    const [begun, ...others] = share.filter((each) => !ended.has(each));
    if (begun === undefined) continue;
    const kind = kindOf(begun);
    if (!cut.has(begun)) fail(kind, `${begun}: its process exited before the file had ended`);
    for (const other of others) fail(kind, `${other}: did not run, because ${begun} ended the shared process`);
  }
  if (sum('failed') === failedBefore) for (const [which, why] of ofProcesses) fail(kindOf(which), which, why);
}

/** Distributes files of a phase and kind over processes, by the script that each process runs. The same seed gives the same distribution. */
function dealt(own, processes) {
  const seed = process.env.LOADSTONE_SEED ?? '';
  const place = (file) => createHash('sha256').update(`${seed} ${file}`).digest('hex');
  const shuffled = processes === own.length ? own : own.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
  const shares = Map.groupBy(shuffled, (_file, at) =>
    join(scratch, `${phaseOf(own[0])}-${kindOf(own[0])}-${at % processes}.mjs`),
  );
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
