import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeKeeper, type Pulse } from './timeline.ts';

const plantMs = 1_632_528_000_000;

interface Row {
  readonly what: string;
  readonly asked?: number;
  /** Machine time since the spike, ms. */
  readonly sinceSpikeMs?: number;
  /** [alive, heard so long ago, behind by], ms; null: never. */
  readonly gateways: readonly (readonly [boolean, number | null, number | null])[];
  readonly expect: { readonly speed: number; readonly why: string; readonly waits?: string; readonly left?: string };
}

const table: readonly Row[] = [
  { what: 'no gateways', gateways: [], expect: { speed: 60, why: 'asked' } },
  {
    what: 'all keep up',
    gateways: [
      [true, 10, 0],
      [true, 10, 900],
    ],
    expect: { speed: 60, why: 'asked' },
  },
  { what: 'two cycles behind is still in time', gateways: [[true, 10, 2000]], expect: { speed: 60, why: 'asked' } },
  {
    what: 'more is not',
    gateways: [
      [true, 10, 0],
      [true, 10, 2001],
    ],
    expect: { speed: 0, why: 'laggard', waits: 'b' },
  },
  {
    what: 'at 1 a cycle is shorter',
    asked: 1,
    gateways: [[true, 10, 501]],
    expect: { speed: 0, why: 'laggard', waits: 'a' },
  },
  {
    what: 'alive and heard, but no cycle yet',
    gateways: [[true, 10, null]],
    expect: { speed: 0, why: 'laggard', waits: 'a' },
  },
  { what: 'a dead one is left behind', gateways: [[false, 10, 9000]], expect: { speed: 60, why: 'asked', left: 'a' } },
  {
    what: 'silent for less than 2 s',
    gateways: [[true, 1999, 9000]],
    expect: { speed: 0, why: 'laggard', waits: 'a' },
  },
  { what: 'silent for 2 s', gateways: [[true, 2000, 9000]], expect: { speed: 60, why: 'asked', left: 'a' } },
  { what: 'never heard', gateways: [[true, null, null]], expect: { speed: 60, why: 'asked', left: 'a' } },
  {
    what: 'one dead, one lagging',
    gateways: [
      [false, null, null],
      [true, 1, 5000],
    ],
    expect: { speed: 0, why: 'laggard', waits: 'b', left: 'a' },
  },
  { what: 'a spike slows to 1', sinceSpikeMs: 0, gateways: [[true, 10, 0]], expect: { speed: 1, why: 'spike' } },
  { what: 'for two minutes', sinceSpikeMs: 119_999, gateways: [[true, 10, 0]], expect: { speed: 1, why: 'spike' } },
  { what: 'and no longer', sinceSpikeMs: 120_000, gateways: [[true, 10, 0]], expect: { speed: 60, why: 'asked' } },
  { what: 'a spike at 1 changes nothing', asked: 1, sinceSpikeMs: 0, gateways: [], expect: { speed: 1, why: 'asked' } },
  { what: 'paused', asked: 0, gateways: [[true, 10, 0]], expect: { speed: 0, why: 'paused' } },
  { what: 'faster than 60 is 60', asked: 600, gateways: [], expect: { speed: 60, why: 'asked' } },
];

for (const { what, asked = 60, sinceSpikeMs, gateways, expect } of table)
  test(`time line: ${what}`, () => {
    const keeper = new TimeKeeper({ speed: asked });
    const machineMs = 1_000_000;
    if (sinceSpikeMs !== undefined) keeper.spike(machineMs - sinceSpikeMs);
    const pulses = gateways.map(([alive, heard, behind], at): Pulse => ({
      id: 'abc'[at]!,
      alive,
      heardMs: heard === null ? undefined : machineMs - heard,
      cycleMs: behind === null ? undefined : plantMs - behind,
    }));
    const { speed, why, waitingFor, leftBehind } = keeper.decide({ machineMs, plantMs, pulses });
    assert.deepEqual(
      { speed, why, waits: waitingFor.join(), left: leftBehind.join() },
      { waits: '', left: '', ...expect },
    );
  });

test('the speed reached is that of the last ten seconds, and a new request ends the slow time of a spike', () => {
  const keeper = new TimeKeeper({ speed: 60 });
  const at = (seconds: number, plantSeconds: number): number =>
    keeper.decide({ machineMs: seconds * 1000, plantMs: plantMs + plantSeconds * 1000, pulses: [] }).reached;
  assert.equal(at(0, 0), 0);
  assert.equal(at(1, 60), 60);
  for (let second = 2; second <= 20; second++) at(second, 60 * second);
  assert.equal(at(25, 1200), 30);
  for (let second = 26; second <= 35; second++) at(second, 1200);
  assert.equal(at(36, 1200), 0);
  keeper.spike(36_000);
  keeper.ask(30);
  assert.equal(keeper.decide({ machineMs: 36_001, plantMs, pulses: [] }).speed, 30);
});

test('what steps by the second is not waited for within its step at a speed of 1', () => {
  const keeper = new TimeKeeper({ speed: 1 });
  const plant = (behindMs: number): Pulse => ({
    id: 'plant',
    alive: true,
    heardMs: 0,
    cycleMs: plantMs - behindMs,
    stepMs: 1000,
  });
  assert.equal(keeper.decide({ machineMs: 0, plantMs, pulses: [plant(999)] }).speed, 1);
  assert.equal(keeper.decide({ machineMs: 0, plantMs, pulses: [plant(2001)] }).speed, 0);
});

test('a long cycle that was under way when a spike slowed time is waited for as a long one', () => {
  const keeper = new TimeKeeper({ speed: 60 });
  const gateway = (cycleMs: number): Pulse => ({ id: 'a', alive: true, heardMs: 0, cycleMs });
  keeper.decide({ machineMs: 0, plantMs, pulses: [gateway(plantMs - 100)] });
  keeper.spike(1);
  const at = (behindMs: number, last: number): number =>
    keeper.decide({ machineMs: 2, plantMs: last + behindMs, pulses: [gateway(last)] }).speed;
  assert.equal(at(900, plantMs - 100), 1, 'the next one is due 1000 ms after the last');
  assert.equal(at(501, plantMs + 1000), 0, 'from then on cycles are short');
});
