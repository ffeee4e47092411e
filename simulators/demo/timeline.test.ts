import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeKeeper, type Pulse } from './timeline.ts';

const plantMs = 1_632_528_000_000;

interface Row {
  readonly what: string;
  readonly asked?: number;
  /** Machine time since the spike, ms. */
  readonly sinceSpikeMs?: number;
  /** [alive, time since last heard, lag], ms; null: never. */
  readonly gateways: readonly (readonly [boolean, number | null, number | null])[];
  /** `ahead`: how far plant time may advance from here, ms; absent: no bound. */
  readonly expect: { readonly speed: number; readonly ahead?: number; readonly waits?: string; readonly left?: string };
}

const table: readonly Row[] = [
  { what: 'no gateways', gateways: [], expect: { speed: 60 } },
  {
    what: 'two cycles ahead of the slowest',
    gateways: [
      [true, 10, 0],
      [true, 10, 900],
    ],
    expect: { speed: 60, ahead: 1100 },
  },
  {
    what: 'it waits for one that is two cycles behind',
    gateways: [
      [true, 10, 0],
      [true, 10, 2000],
    ],
    expect: { speed: 60, ahead: 0, waits: 'b' },
  },
  { what: 'at 1 a cycle is shorter', asked: 1, gateways: [[true, 10, 100]], expect: { speed: 1, ahead: 400 } },
  {
    what: 'alive and heard, but no cycle yet',
    gateways: [[true, 10, null]],
    expect: { speed: 60, ahead: 0, waits: 'a' },
  },
  { what: 'a dead one is left behind', gateways: [[false, 10, 9000]], expect: { speed: 60, left: 'a' } },
  {
    what: 'silent for less than half a minute',
    gateways: [[true, 29_999, 90_000]],
    expect: { speed: 60, ahead: 0, waits: 'a' },
  },
  { what: 'silent for half a minute', gateways: [[true, 30_000, 90_000]], expect: { speed: 60, left: 'a' } },
  {
    what: 'silent because none of its cycles was due',
    gateways: [[true, 90_000, 0]],
    expect: { speed: 60, ahead: 2000 },
  },
  { what: 'never heard', gateways: [[true, null, null]], expect: { speed: 60, left: 'a' } },
  {
    what: 'one dead, one lagging',
    gateways: [
      [false, null, null],
      [true, 1, 5000],
    ],
    expect: { speed: 60, ahead: 0, waits: 'b', left: 'a' },
  },
  { what: 'a spike slows to 1', sinceSpikeMs: 0, gateways: [], expect: { speed: 1 } },
  { what: 'for two minutes', sinceSpikeMs: 119_999, gateways: [], expect: { speed: 1 } },
  { what: 'and no longer', sinceSpikeMs: 120_000, gateways: [], expect: { speed: 60 } },
  { what: 'a spike at 1 changes nothing', asked: 1, sinceSpikeMs: 0, gateways: [], expect: { speed: 1 } },
  { what: 'paused', asked: 0, gateways: [[true, 10, 0]], expect: { speed: 0, ahead: 500 } },
  { what: 'faster than 60 is 60', asked: 600, gateways: [], expect: { speed: 60 } },
];

for (const { what, asked = 60, sinceSpikeMs, gateways, expect } of table)
  test(`time line: ${what}`, () => {
    const keeper = new TimeKeeper({ speed: asked });
    const machineMs = 1_000_000;
    const stoodFor = gateways.flatMap(([, heard]) => heard ?? []).reduce((most, ms) => Math.max(most, ms), 0);
    if (sinceSpikeMs !== undefined) keeper.spike(machineMs - sinceSpikeMs);
    const pulses = gateways.map(([alive, heard, behind], at): Pulse => ({
      id: 'abc'[at]!,
      alive,
      heardMs: heard === null ? undefined : machineMs - heard,
      cycleMs: behind === null ? undefined : plantMs - behind,
    }));
    keeper.decide({ machineMs: machineMs - stoodFor, plantMs, pulses });
    const { speed, untilMs, waitingFor, leftBehind } = keeper.decide({ machineMs, plantMs, pulses });
    assert.deepEqual(
      { speed, ahead: untilMs - plantMs, waits: waitingFor.join(), left: leftBehind.join() },
      { ahead: Infinity, waits: '', left: '', ...expect },
    );
  });

test("the reached speed covers the last ten seconds, and a new request ends a spike's slow time", () => {
  const keeper = new TimeKeeper({ speed: 60 });
  const at = (seconds: number, plantSeconds: number): number =>
    keeper.decide({ machineMs: seconds * 1000, plantMs: plantMs + plantSeconds * 1000, pulses: [] }).reached;
  assert.equal(at(0, 0), 60, 'nothing is known yet');
  assert.equal(at(0.9, 9), 60);
  assert.equal(at(1, 60), 60);
  for (let second = 2; second <= 20; second++) at(second, 60 * second);
  assert.equal(at(25, 1200), 30);
  for (let second = 26; second <= 35; second++) at(second, 1200);
  assert.equal(at(36, 1200), 0);
  keeper.spike(36_000);
  keeper.ask(30);
  const { speed, reached } = keeper.decide({ machineMs: 36_001, plantMs: plantMs + 1_200_000, pulses: [] });
  assert.deepEqual([speed, reached], [30, 30], 'a speed reached at another setting does not count');
});

const ahead = (keeper: TimeKeeper, machineMs: number, plantTime: number, pulse: Partial<Pulse>): number => {
  const pulses = [{ id: 'a', alive: true, heardMs: 0, cycleMs: plantMs, ...pulse }];
  return keeper.decide({ machineMs, plantMs: plantTime, pulses }).untilMs - plantTime;
};

test('silence of a process counts only while plant time waits for it', () => {
  const keeper = new TimeKeeper({ speed: 60 });
  const at = (machineMs: number): string => {
    const pulses = [{ id: 'a', alive: true, heardMs: 0, cycleMs: plantMs - 9000 }];
    const { waitingFor, leftBehind } = keeper.decide({ machineMs, plantMs, pulses });
    return `waits for ${waitingFor.join()}, leaves ${leftBehind.join()}`;
  };
  assert.equal(at(90_000), 'waits for a, leaves ');
  assert.equal(at(119_999), 'waits for a, leaves ');
  assert.equal(at(120_000), 'waits for , leaves a');
});

test('at speed 1 plant time does not wait for a one-second step in progress', () => {
  const keeper = new TimeKeeper({ speed: 1 });
  assert.equal(ahead(keeper, 0, plantMs + 999, { stepMs: 1000 }), 1001);
  assert.equal(ahead(keeper, 0, plantMs + 2001, { stepMs: 1000 }), 0);
});

test('a long cycle in progress when a spike slows time is still awaited as a long one', () => {
  const keeper = new TimeKeeper({ speed: 60 });
  assert.equal(ahead(keeper, 0, plantMs + 100, {}), 1900);
  keeper.spike(1);
  assert.equal(ahead(keeper, 2, plantMs + 900, {}), 1100, 'the next one is due 1000 ms after the last');
  const cycleMs = plantMs + 3000;
  assert.equal(ahead(keeper, 2, cycleMs + 100, { cycleMs }), 400, 'from then on cycles are short');
});

/** Three gateways on a machine that runs each of them in turn for `turnMs`, with plant time on a common timeline. */
function starved(turnMs: number): { readonly reached: number; readonly longestStepMs: number } {
  const keeper = new TimeKeeper({ speed: 60 });
  const last = [plantMs, plantMs, plantMs];
  let line = { plantMs, machineMs: 0, untilMs: plantMs + 2000 };
  let [reached, longestStepMs] = [0, 0];
  for (let machineMs = 0; machineMs < 60_000; machineMs += turnMs) {
    const now = Math.min(line.untilMs, line.plantMs + 60 * (machineMs - line.machineMs));
    const at = (machineMs / turnMs) % 3;
    if (now - last[at]! >= 1000) {
      longestStepMs = Math.max(longestStepMs, now - last[at]!);
      last[at] = now;
    }
    const pulses = last.map((cycleMs, id): Pulse => ({ id: `${id}`, alive: true, heardMs: machineMs, cycleMs }));
    const decision = keeper.decide({ machineMs, plantMs: now, pulses });
    line = { plantMs: now, machineMs, untilMs: decision.untilMs };
    ({ reached } = decision);
  }
  return { reached, longestStepMs };
}

test('plant time slows with load on the machine, and no gateway ever misses a cycle', () => {
  const [idle, busy, busier] = [starved(1), starved(30), starved(200)];
  for (const { longestStepMs } of [idle, busy, busier]) assert.ok(longestStepMs <= 2000, `${longestStepMs}`);
  assert.ok(idle.reached > 59, `${idle.reached}`);
  assert.ok(busy.reached < 30 && busy.reached > 10, `${busy.reached}`);
  assert.ok(busier.reached < 4 && busier.reached > 1, `${busier.reached}`);
});
