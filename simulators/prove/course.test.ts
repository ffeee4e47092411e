import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantSpecs } from '../region/inputs.ts';
import { trueNetwork } from '../plant/differences.ts';
import { drawCourse, feedersOf, type Course } from './course.ts';
import { readProtocol, readScenario, type Protocol } from './protocol.ts';

const { protocol } = readProtocol();
const draw = (seed: number, name = 'all-at-once', hours = 4): Course =>
  drawCourse(protocol, { seed, name, scenario: protocol.scenarios[name]!, hours });
const seeds = Array.from({ length: 52 }, (_, at) => at + 1);

test('the protocol tunes on ten days and tests on 26 others', () => {
  const { tuning, test: tested } = protocol.days;
  assert.deepEqual([tuning.length, tested.length, new Set([...tuning, ...tested]).size], [10, 26, 36]);
});

test('52 seeds use each test day twice, and the same seed draws the same course', () => {
  const days = seeds.map((seed) => draw(seed).day);
  for (const day of protocol.days.test) assert.equal(days.filter((each) => each === day).length, 2);
  assert.deepEqual(draw(7), draw(7));
});

test('seeds vary not only noise but feeders, sizes, times, taps and limits', () => {
  const spikes = seeds.flatMap((seed) => draw(seed, 'ev-surge').events.filter(({ kind }) => kind === 'spike'));
  const shares = spikes.map((spike) => (spike.kind === 'spike' ? spike.share : 0));
  assert.ok(Math.min(...shares) < 0.3 && Math.max(...shares) > 1.4, `${Math.min(...shares)} to ${Math.max(...shares)}`);
  assert.deepEqual(
    new Set(spikes.map((spike) => (spike.kind === 'spike' ? spike.feeder : ''))),
    new Set(feedersOf(protocol)),
  );
  assert.deepEqual(new Set(seeds.map((seed) => draw(seed).differs.tapSteps)), new Set([-1, 0, 1]));
  const ten = seeds.filter((seed) => draw(seed).misplaced !== null).length;
  assert.ok(ten >= 1 && ten <= 13, `${ten} of 52 have a device on the wrong feeder`);
});

test('an addition to a scenario changes nothing else that the seed draws', () => {
  const plain = draw(3, 'cloud-out');
  const more = drawCourse(protocol, {
    seed: 3,
    name: 'cloud-out',
    scenario: { ...protocol.scenarios['cloud-out']!, darkMinutes: [30, 30], lyingMeter: true },
    hours: 4,
  });
  assert.deepEqual(
    more.events.filter(({ kind }) => kind !== 'dark'),
    plain.events,
  );
  assert.deepEqual({ ...more, events: [], lying: null }, { ...plain, events: [], lying: null });
});

test('a custom scenario is read from YAML, and an unknown key is named', () => {
  const { spikes } = readScenario('own.yaml', 'window: noon\nspikes: { count: [1, 2] }\n');
  assert.deepEqual(spikes.count, [1, 2]);
  assert.throws(() => readScenario('own.yaml', 'windw: noon\n'), /LS-CONFIG-001|windw/);
});

test('errors of one feeder share a common part, so they do not average out along a path', () => {
  const spec = plantSpecs(['hal'])[0]!;
  const ratios = (differs: Protocol['plant'] | Record<string, never>): number[] =>
    seeds.map((seed) => {
      const path = trueNetwork(spec, seed, differs).lines.slice(0, 17);
      return sum(path.map(({ rOhm }) => rOhm)) / sum(spec.network.lines.slice(0, 17).map(({ rOhm }) => rOhm));
    });
  const spread = (list: number[]): number => Math.sqrt(sum(list.map((each) => (each - 1) ** 2)) / list.length);
  assert.equal(spread(ratios({})), 0);
  const own = spread(ratios({ ...protocol.plant, commonImpedanceSd: 0, tapSteps: 0 }));
  const both = spread(ratios({ ...protocol.plant, tapSteps: 0 }));
  assert.ok(
    own < 0.05 && both > 0.06,
    `the trunk resistance is off by ${own} with line errors only, ${both} with both`,
  );
});

const sum = (list: readonly number[]): number => list.reduce((all, each) => all + each, 0);
