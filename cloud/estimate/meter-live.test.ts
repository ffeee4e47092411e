import type { Sample } from '../../shared/contracts/sample.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gaussian, SeededRandom } from '../../shared/ports/random.ts';
import { judgeLive, startLive, type LiveMeterState } from './meter-live.ts';
import type { MeterFinding } from './state.ts';
import { testSubstation } from './testing/substation.ts';

const substation = testSubstation();

interface Second {
  readonly transformerKw: number;
  readonly heads: readonly [number, number];
}

type Fault = (second: Second, at: number) => Second;

/** Judges readings once a second, with noise and the rest of the busbar. */
function watch(
  seconds: number,
  fault: Fault,
  start: readonly MeterFinding[] = [],
): { state: LiveMeterState; found: Map<string, number> } {
  const random = new SeededRandom(5, 'live');
  let state = startLive(start);
  const found = new Map<string, number>();
  const heads: [number, number] = [1800, 1500];
  let rest = -900;
  for (let at = 0; at < seconds; at++) {
    heads[0] += 6 * gaussian(random) - 0.002 * (heads[0] - 1800);
    heads[1] += 6 * gaussian(random) - 0.002 * (heads[1] - 1500);
    if (at % 40 === 0) heads[1] += at % 80 === 0 ? 50 : -50;
    rest += 3 * gaussian(random);
    const noise = (value: number): number => value * (1 + 0.0025 * gaussian(random));
    const seen = fault(
      { transformerKw: noise(heads[0] + heads[1] + rest), heads: [noise(heads[0]), noise(heads[1])] },
      at,
    );
    const time = at * 1000;
    const reading = (value: number): Record<string, Sample> => ({
      activePowerKw: { value, quality: 'good', origin: 'measured', time },
      voltagePu: { value: 1.01, quality: 'good', origin: 'measured', time },
    });
    const readings = new Map([
      ['transformer', reading(seen.transformerKw)],
      ['feeder-1', reading(seen.heads[0])],
      ['feeder-2', reading(seen.heads[1])],
    ]);
    const judged = judgeLive(substation, state, { time, readings });
    state = judged.state;
    for (const { device, finding } of judged.findings)
      if (!found.has(`${device} ${finding}`)) found.set(`${device} ${finding}`, at);
  }
  return { state, found };
}

const known = (finding: 'dead' | 'reversed'): MeterFinding => ({
  device: 'transformer',
  finding,
  since: 0,
  text: 'by history',
});

test('healthy meters raise no finding', () => {
  assert.deepEqual([...watch(7200, (second) => second).found], []);
});

test('a reversed transformer meter is found within the hour because it moves against the heads', () => {
  const { found } = watch(3600, (second) => ({ ...second, transformerKw: -second.transformerKw }));
  assert.deepEqual([...found.keys()], ['transformer reversed']);
  assert.ok(found.get('transformer reversed')! < 3600);
});

test('a dead or stuck transformer meter, and a dead head, are found within the hour', () => {
  const zero = watch(3600, (second) => ({ ...second, transformerKw: 0 })).found;
  assert.deepEqual([...zero.keys()], ['transformer dead']);
  let stuck = NaN;
  const held = watch(5400, (second, at) => {
    if (at < 1800) return second;
    if (Number.isNaN(stuck)) stuck = second.transformerKw;
    return { ...second, transformerKw: stuck };
  }).found;
  assert.deepEqual([...held.keys()], ['transformer dead']);
  assert.ok(held.get('transformer dead')! < 1800 + 3600);
  const head = watch(3600, (second) => ({ ...second, heads: [0, second.heads[1]] })).found;
  assert.deepEqual([...head.keys()], ['feeder-1 dead']);
});

test('a head that drops to zero together with the transformer is an outage, not a faulty meter', () => {
  const out: Fault = ({ transformerKw, heads }, at) =>
    at < 600 ? { transformerKw, heads } : { transformerKw: transformerKw - heads[0], heads: [0, heads[1]] };
  assert.deepEqual([...watch(3600, out).found], []);
  const turned: Fault = (second, at) => ({ ...out(second, at), transformerKw: -out(second, at).transformerKw });
  assert.deepEqual([...watch(3600, turned, [known('reversed')]).found.keys()], ['transformer reversed']);
  const late: Fault = (second, at) =>
    at < 610 ? { ...out(second, at), transformerKw: second.transformerKw } : out(second, at);
  assert.deepEqual([...watch(3600, late).found], [], 'the transformer is read some seconds later');
  const dies: Fault = ({ transformerKw, heads }, at) => ({ transformerKw, heads: at < 600 ? heads : [0, heads[1]] });
  assert.deepEqual([...watch(3600, dies).found.keys()], ['feeder-1 dead']);
  const back = watch(3600, (second, at) => (at < 1800 ? out(second, at) : dies(second, at)));
  assert.deepEqual([...back.found.keys()], ['feeder-1 dead'], 'the feeder is fed again and its meter still reads zero');
  assert.ok(back.found.get('feeder-1 dead')! > 1800);
});

test('a finding from history holds from the first reading until readings refute it', () => {
  const turned: Fault = (second) => ({ ...second, transformerKw: -second.transformerKw });
  assert.equal(watch(1, turned, [known('reversed')]).found.get('transformer reversed'), 0);
  const { state } = watch(7200, (second) => second, [known('reversed')]);
  assert.deepEqual(state.findings, []);
  const dead = watch(600, (second) => ({ ...second, transformerKw: 0 }), [known('dead')]);
  assert.equal(dead.state.findings[0]!.text, 'by history');
  assert.deepEqual(watch(30, (second) => second, [known('dead')]).state.findings, []);
});

test('a meter repaired while unobserved is cleared, however slowly its readings move', () => {
  const slow: Fault = (second, at) => ({ ...second, transformerKw: 1800 + at / 2 });
  assert.deepEqual(watch(600, slow, [known('dead')]).state.findings, []);
});

test('a stale meter and an impossible value are named', () => {
  const good = (value: number, time: number): Record<string, Sample> => ({
    activePowerKw: { value, quality: 'good', origin: 'measured', time },
  });
  const time = 1_000_000;
  const { findings } = judgeLive(substation, startLive(), {
    time,
    readings: new Map([
      ['transformer', good(90_000, time)],
      ['feeder-1', good(100, time - 123_000)],
      ['feeder-2', good(100, time - 3_000)],
      ['station-2-b18', { voltagePu: { value: 0.1, quality: 'good' as const, origin: 'measured' as const, time } }],
    ]),
  });
  assert.deepEqual(
    findings.map(({ device, finding }) => [device, finding]),
    [
      ['transformer', 'gross-error'],
      ['feeder-1', 'stale'],
      ['station-2-b18', 'gross-error'],
    ],
  );
});
