import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { inlineCompute } from '../../cloud/compute/inline-compute.ts';
import { backtest, type BacktestResult } from '../../cloud/forecast/serve/protocol/backtest.ts';
import { baselinesOf, type Baselines } from '../../cloud/forecast/serve/protocol/pair-scores.ts';
import { TestPairs } from '../../cloud/forecast/serve/protocol/pairs.ts';
import { protocolTasks } from '../../cloud/forecast/serve/protocol/protocol-tasks.ts';
import { inlineInference } from '../../shared/inference/inline-inference.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { run } from './backtest.ts';
import { parseHourlyChannels, parseHourlyCsv } from './backtest-csv.ts';

const folder = new URL('../../../shared/data/load/', import.meta.url);

/** One load column of an ETT transformer station, as CSV for a backtest. */
function ettCsv(file: string, column: string): string {
  const [header = '', ...rows] = readFileSync(new URL(`ett/${file}.csv`, folder), 'utf8')
    .trimEnd()
    .split(/\r?\n/);
  const at = header.split(',').indexOf(column);
  return ['time,load', ...rows.map((row) => `${row.split(',')[0]},${row.split(',')[at]}`)].join('\n');
}

interface Published {
  readonly T0: number;
  readonly testPairs: number;
  readonly models: Record<string, { nMAE: number; RMSE: number; pinball: { nmean: number }; cov80: number }>;
}

const skip = existsSync(folder)
  ? false
  : 'the reference series are missing: put them in ../shared/data/load beside this clone';

test('naive and ridge match published baselines', { skip }, () => {
  const published = JSON.parse(readFileSync(new URL('baselines.json', folder), 'utf8')) as Record<string, Published>;
  for (const [name, file] of [
    ['etth1_hufl', 'ETTh1'],
    ['etth2_hufl', 'ETTh2'],
  ] as const) {
    const data = parseHourlyCsv(ettCsv(file, 'HUFL'), file);
    const tested = new TestPairs(data.load);
    const ridge = protocolTasks.fitBaseline({ data, zone: 'UTC', degraded: false, seed: 1 });
    const baselines = baselinesOf(data.load, tested, ridge);
    const reference = published[name]!;
    assert.equal(tested.firstTest, reference.T0);
    assert.equal(tested.count, reference.testPairs);
    const pairs = { seasonalNaive24: 'snaive24', seasonalNaive168: 'snaive168', ridge: 'ridge' } as const;
    for (const [ours, theirs] of Object.entries(pairs)) {
      const score = baselines[ours as keyof Baselines];
      const model = reference.models[theirs]!;
      for (const [a, b] of [
        [score.nMae, model.nMAE],
        [score.pinball, model.pinball.nmean],
        [score.coverage80, model.cov80],
        [score.rmse / model.RMSE, 1],
      ]) {
        assert.ok(Math.abs(a! - b!) < 2e-4, `${name} ${ours}: ${a} instead of ${b}`);
      }
    }
  }
});

/** Long enough for the trees to join the blend, but not for the network. */
const FOUR_MONTHS = 2920;

test(
  'the production recipe beats naive and ridge by a fifth on four months of each series, with coverage',
  { skip },
  async (context) => {
    const inference = inlineInference(new VirtualClock(0).machine);
    context.after(() => inference.close());
    const how = { zone: 'UTC', weather: 'actual', seed: 1, elapsed: () => 0, inference } as const;
    for (const file of ['ETTh1', 'ETTh2']) {
      const data = parseHourlyCsv(ettCsv(file, 'HUFL'), file);
      const result = await backtest(
        { ...data, load: data.load.slice(0, FOUR_MONTHS) },
        { ...how, compute: inlineCompute(protocolTasks) },
      );
      const { seasonalNaive24, ridge } = result.baselines;
      const bar = 0.8 * Math.min(seasonalNaive24.pinball, ridge.pinball);
      assert.ok(result.pinball < bar, `${file}: ${result.pinball}, at most ${bar}`);
      assert.ok(result.coverage80 > 0.77 && result.coverage80 < 0.85, `${file}: coverage ${result.coverage80}`);
    }
  },
);

const lines = (count: number, load: (i: number) => number): string =>
  ['time,load', ...Array.from({ length: count }, (_, i) => `${new Date(i * 3_600_000).toISOString()},${load(i)}`)].join(
    '\n',
  );

test('an invalid CSV is refused with file, line and column', () => {
  const good = lines(700, (i) => i % 24);
  const cases: [string, RegExp][] = [
    [good.replace('time,load', 'time,power'), /line 1: unknown column "power"/],
    [good.replaceAll(/,.*/g, ''), /line 1: column "load" is missing/],
    [good.replace('time,load', 'time'), /line 2: 2 cells for 1 columns/],
    [good.replace(',5\n', ',five\n'), /line 7: load "five" is not a number/],
    [good.replace('1970-01-01T03:00', '1970-01-01T03:30'), /line 5: .* is not a full hour/],
    [good.replace('1970-01-01T03:00', '1970-01-01T01:00'), /line 5: times must ascend/],
    [good.replace(',5\n', ',5,3\n'), /line 7: 3 cells for 2 columns/],
    [good.replace('\n', '\n\n').replace(',5\n', ',"5\n'), /line 8: a quoted cell/],
    [good.replace('\n', '\n\n').replace(',5\n', ',five\n'), /line 8: load "five"/],
    [lines(100, () => 1), /100 hours; at least 672/],
  ];
  for (const [text, reason] of cases) assert.throws(() => parseHourlyCsv(text, 'x.csv'), reason);
});

test('without a flag a file is scored with the production recipe', async (context) => {
  const file = join(mkdtempSync(join(tmpdir(), 'loadstone-backtest-')), 'load.csv');
  context.after(() => rmSync(dirname(file), { recursive: true }));
  writeFileSync(
    file,
    lines(29 * 24, (i) => 100 + 30 * Math.sin((2 * Math.PI * i) / 24) + (i % 7)),
  );
  const printed: string[] = [];
  context.mock.method(process.stderr, 'write', () => true);
  const write = process.stdout.write.bind(process.stdout);
  // The test runner writes to stdout too, in bytes.
  const out = context.mock.method(process.stdout, 'write', (text: string | Uint8Array) =>
    typeof text === 'string' && text.startsWith('{') ? printed.push(text) > 0 : write(text),
  );
  const asked = ['--csv', file, '--timezone', 'UTC', '--json'];
  const code = await run(asked);
  out.mock.restore();
  assert.equal(code, 0);
  const result = JSON.parse(printed[0]!) as BacktestResult;
  const { seasonalNaive24 } = result.baselines;
  assert.ok(result.nMae < seasonalNaive24.nMae && result.rmse > 0 && result.rCrpsPeakWeighted > 0, printed[0]!);
});

test('a missing hour is a gap', () => {
  const text = lines(700, (i) => i)
    .split('\n')
    .toSpliced(4, 1)
    .join('\n');
  const data = parseHourlyCsv(text, 'x.csv');
  assert.equal(data.load.length, 700);
  assert.ok(Number.isNaN(data.load[3]));
  assert.equal(data.load[4], 4);
});

test('quarter-hour values are refused, and the error names the resolution', () => {
  const rows = Array.from({ length: 800 }, (_, i) => `${new Date(i * 900_000).toISOString()},1`);
  const text = ['time,load', ...rows].join('\n');
  for (const parse of [parseHourlyCsv, parseHourlyChannels])
    assert.throws(() => parse(text, 'x.csv'), /15 min apart; give hourly means/);
});

test('every column is a series, unless there is a load column, which is then the only one', () => {
  const csv = (header: string): string => `${header}\n2020-01-01 00:00:00,1,2\n2020-01-01 01:00:00,3,\n`;
  const names = (header: string): string[] => parseHourlyChannels(csv(header), 'x.csv').map(({ name }) => name);
  assert.deepEqual(names('date,HUFL,OT'), ['x.csv hufl', 'x.csv ot']);
  assert.deepEqual(names('time,load,temp'), ['x.csv load']);
  assert.deepEqual([...parseHourlyChannels(csv('date,a,b'), 'x.csv')[1]!.values], [2, Number.NaN]);
  assert.throws(() => parseHourlyChannels('time\n2020-01-01', 'x.csv'), /no column of values/);
});
