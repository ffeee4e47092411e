import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inlineInference } from '../../../shared/inference/inline-inference.ts';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { inlineCompute } from '../../compute/inline-compute.ts';
import type { ForecastTarget } from '../registry/forecast-target.ts';
import { SqliteModelRegistry } from '../registry/sqlite-model-registry.ts';
import type { ModelRegistry } from '../registry/registry.ts';
import { quietRollout } from '../registry/testing/quiet-rollout.ts';
import { ForecastService } from './forecast-service.ts';
import { SqliteForecastStore } from './sqlite-forecast-store.ts';
import { forecastTasks } from './forecast-tasks.ts';
import type { LoadSource } from './inputs.ts';

const STEP_MS = 900_000;
const T0 = Date.UTC(2021, 8, 25);
const HISTORY = 28 * 96;
const PARTS = ['substation:aaa', 'substation:bbb', 'substation:ccc'];
const common = { zone: 'Europe/Amsterdam', gateway: false };
const targets: readonly ForecastTarget[] = [
  ...PARTS.map((id) => ({ id, substation: id.slice(-3), ...common, within: 'region:all' })),
  { id: 'region:all', substation: 'all', ...common, parts: PARTS },
  { id: 'feeder:aaa-1', substation: 'aaa', ...common, within: 'substation:aaa' },
  { id: 'rest:aaa', substation: 'aaa', ...common, within: 'substation:aaa', isRest: true },
];
/** The loads of the second and third are unknown. */
const LACKING = [
  { id: 'feeder:ccc-1', substation: 'ccc', ...common, within: 'substation:ccc' },
  { id: 'feeder:ccc-2', substation: 'ccc', ...common, within: 'substation:ccc' },
  { id: 'rest:ccc', substation: 'ccc', ...common, within: 'substation:ccc', isRest: true },
];
const UNKNOWN = ['feeder:ccc-2', 'rest:ccc'];

const noise = new Map<string, Float64Array>(
  [...targets, ...LACKING].map(({ id }) => {
    const random = new SeededRandom(1, id);
    return [id, Float64Array.from({ length: HISTORY + 96 }, () => 60 * gaussian(random))];
  }),
);

/** Loads with a daily shape; counts concurrent reads. `alone`: reads run one at a time. */
function loads(alone: boolean): { source: LoadSource; most: () => number } {
  let [reading, most] = [0, 0];
  let turn: Promise<unknown> = Promise.resolve();
  const read: LoadSource['intervals'] = async ({ target, start, end }) => {
    most = Math.max(most, ++reading);
    // The first targets take longest to read.
    for (let turn = targets.findIndex(({ id }) => id === target); turn < targets.length; turn++)
      await new Promise(setImmediate);
    reading--;
    const first = (start - T0) / STEP_MS + HISTORY;
    const values = Array.from({ length: (end - start) / STEP_MS }, (_, at) => {
      const i = first + at;
      return i < 0 || UNKNOWN.includes(target)
        ? null
        : 1500 + 500 * Math.sin(((i % 96) / 96) * 4 * Math.PI) + noise.get(target)![i]!;
    });
    return { values, substitution: null };
  };
  const inTurn: LoadSource['intervals'] = (query) => {
    const result = turn.then(() => read(query));
    turn = result;
    return result;
  };
  return { source: { intervals: alone ? inTurn : read }, most: () => most };
}

async function started(
  registry: ModelRegistry,
  alone: boolean,
  { lacking = false, failing }: { lacking?: boolean; failing?: string } = {},
) {
  const clock = new VirtualClock(T0);
  const store = new SqliteForecastStore(':memory:');
  store.open();
  const { source: read, most } = loads(alone);
  const source: LoadSource = {
    intervals: async (query) => {
      if (query.target === failing) throw new Error(`${failing} cannot be read`);
      return read.intervals(query);
    },
  };
  const service = new ForecastService({
    clock,
    targets: lacking ? [...targets, ...LACKING] : targets,
    load: source,
    compute: inlineCompute(forecastTasks),
    inference: inlineInference(clock.machine),
    registry,
    store,
    everyS: 900,
    workers: 1,
    members: ['ridge'],
    rollout: { ...quietRollout, applyAtGateway: () => undefined },
  });
  await service.start();
  return { clock, service, most };
}

test('forecasts made concurrently are bit-equal to those made one after the other', async () => {
  const registry = new SqliteModelRegistry(':memory:');
  registry.open();
  const aside = await started(registry, false);
  const trained = await aside.service.train();
  assert.ok(trained.every(({ outcome }) => outcome.ok));
  const alone = await started(registry, true);
  await alone.service.issueAll();
  for (let round = 0; round < 4; round++) {
    for (const { clock } of [aside, alone]) await clock.advance(STEP_MS);
    for (const { id } of targets) {
      const forecast = aside.service.newest(id);
      assert.equal(forecast?.issuedAt, T0 + (round + 1) * STEP_MS);
      assert.notEqual(forecast.model.sha256, null);
      assert.deepEqual(forecast, alone.service.newest(id));
    }
  }
  assert.deepEqual([aside.most(), alone.most()], [4, 1]);
  await aside.service.stop();
  await alone.service.stop();
});

test('parts add up to their whole at every step, and a rest without measurements is what the others leave', async () => {
  const registry = new SqliteModelRegistry(':memory:');
  registry.open();
  const { service, clock } = await started(registry, false, { lacking: true });
  await service.issueAll();
  addsUp(service);
  await service.train(['region:all', 'substation:aaa']);
  addsUp(service);
  await clock.advance(STEP_MS);
  addsUp(service);
  const { reconciled, warnings } = service.newest('substation:aaa')!;
  assert.equal(reconciled?.series, 6);
  assert.deepEqual(warnings, []);
  addsUp(service, [['substation:ccc', ['feeder:ccc-1', 'rest:ccc']]]);
  const rest = service.newest('rest:ccc')!;
  assert.equal(rest.model.id, 'rest-of-whole');
  assert.deepEqual(rest.warnings, [
    'not measured: what substation:ccc less feeder:ccc-1 leaves',
    'it contains feeder:ccc-2, which has no forecast',
  ]);
  for (const [q, row] of rest.values.entries())
    assert.ok(q === 0 || row.every((value, step) => value >= rest.values[q - 1]![step]!), 'quantiles never cross');
  const width = (id: string): number => service.newest(id)!.values.at(-1)![20]! - service.newest(id)!.values[0]![20]!;
  assert.ok(width('rest:ccc') > Math.max(width('substation:ccc'), width('feeder:ccc-1')));
  assert.deepEqual(service.newest('substation:ccc')!.warnings, []);
  assert.equal(service.newest('feeder:ccc-2'), undefined);
  assert.deepEqual((await service.issue('rest:ccc')).ok, true);
  await service.stop();
});

test('a target that cannot be read is reported and does not stop the forecasts of others', async () => {
  const registry = new SqliteModelRegistry(':memory:');
  registry.open();
  const failing = 'substation:bbb';
  const { service } = await started(registry, false, { failing });
  await assert.rejects(service.issueAll(), /substation:bbb cannot be read/);
  const without = targets.filter(({ id }) => service.newest(id) === undefined).map(({ id }) => id);
  assert.deepEqual(without, [failing]);
  // It has no rest that could take up the difference.
  assert.match(service.newest('region:all')!.warnings.join(), /its family: substation:bbb has no forecast/);
  assert.ok((await service.issue('substation:aaa')).ok);
  await assert.rejects(service.issue(failing), /substation:bbb cannot be read/);
  await service.stop();
});

test('a rest that cannot be read may be measured, so it does not become what the others leave', async () => {
  const registry = new SqliteModelRegistry(':memory:');
  registry.open();
  const { service } = await started(registry, false, { failing: 'rest:aaa' });
  await assert.rejects(service.issueAll(), /rest:aaa cannot be read/);
  assert.equal(service.newest('rest:aaa'), undefined);
  assert.match(service.newest('substation:aaa')!.warnings.join(), /its family: rest:aaa has no forecast/);
  await service.stop();
});

const FAMILIES = [
  ['region:all', PARTS],
  ['substation:aaa', ['feeder:aaa-1', 'rest:aaa']],
] as const;

function addsUp(
  service: ForecastService,
  families: readonly (readonly [string, readonly string[]])[] = FAMILIES,
): void {
  for (const [whole, parts] of families) {
    const sum = (step: number): number => parts.reduce((all, part) => all + service.newest(part)!.mean![step]!, 0);
    const mean = service.newest(whole)!.mean!;
    assert.equal(mean.length, 192);
    for (const [step, value] of mean.entries())
      assert.ok(Math.abs(value - sum(step)) <= 0.001 * Math.abs(value), `${whole} ${step}: ${value} ${sum(step)}`);
  }
}
