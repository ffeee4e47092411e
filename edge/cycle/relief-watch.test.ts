import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReliefWatch } from './relief-watch.ts';
import { settingsDocument } from './testing/documents.ts';
import { makeRig } from './testing/rig.ts';
import type { StepResult } from './step-types.ts';

const SITE = { guard: { responseS: 3, marginPct: 1, releaseKwPerS: 5 }, specs: [], elements: [] };

interface Seen {
  readonly over: number;
  /** Share of the relief requested in this cycle; absent: none was requested. */
  readonly met?: number;
  readonly limit?: string;
  readonly heardS?: number;
  readonly shown?: boolean;
}

/** Runs the feeder's head second by second; returns the conditions of each second in words. */
function watching(elements: readonly unknown[] = [], currentA: number | null = null) {
  const site = { ...SITE, elements } as unknown as Parameters<ReliefWatch['update']>[2];
  const watch = new ReliefWatch();
  let second = 0;
  return (...seen: readonly Seen[]): string[] => {
    const of = ({ limit = 'feeder-1-power', over }: Seen) => ({
      limit,
      element: 'feeder-1',
      quantity: 'activePowerKw' as const,
      value: 500 + over,
      bound: 500,
      over,
    });
    const result = {
      passed: seen.filter(({ over }) => over > 0).map(of),
      interventions: seen.flatMap((each) =>
        each.met === undefined ? [] : [{ ...of(each), met: each.met, levers: [] }],
      ),
      shown: seen.some(({ shown }) => shown === true),
      image: {
        stepS: 0.25,
        devices: new Map(),
        elements: new Map([['feeder-1', { heardS: seen[0]?.heardS ?? 0, fresh: true, currentA }]]),
      },
    } as unknown as StepResult;
    return watch.update(result, 1000 * second++, site).map(({ key, text }) => `${key}: ${text}`);
  };
}

const last = (look: ReturnType<typeof watching>, seconds: number, seen: Seen): string[] => {
  let conditions: string[] = [];
  for (let at = 0; at < seconds; at++) conditions = look(seen);
  return conditions;
};
const EXHAUSTED = 'unmet:feeder-1: feeder-1 at 550 kW is past its limit of 500, and no device can relieve it further';

test('an excess that no device can relieve is reported once for all its limits after the response time', () => {
  const look = watching();
  const seen = { over: 50, met: 0.4 };
  assert.deepEqual(last(look, 3, seen), []);
  assert.deepEqual(look(seen, { over: 50, met: 0.4, limit: 'grid-limit' }), [EXHAUSTED]);
  assert.deepEqual(look({ over: 50 }), [EXHAUSTED], 'requested or not');
  assert.deepEqual(look({ over: 0 }), []);
  assert.deepEqual(last(look, 3, seen), [], 'the next excess starts a new wait');
});

test('a falling excess is not reported, however little the devices gave at first', () => {
  const look = watching();
  for (let over = 200; over > 1; over *= 0.9) assert.deepEqual(look({ over, met: over === 200 ? 0.5 : 1 }), []);
});

test('an excess that still falls after a minute is reported as too slow', () => {
  const look = watching();
  let conditions: string[] = [];
  let over = 400;
  for (let second = 0; second < 60; second++, over *= 0.97) conditions = look({ over, met: second === 0 ? 0.5 : 1 });
  assert.deepEqual(conditions, []);
  assert.match(look({ over, met: 1 }).join(), /and it comes back too slowly$/);
});

test('an excess within the rating waits for slow readings; one above the rating does not', () => {
  const soonest = (ratedKva: number): number => {
    const look = watching([{ id: 'feeder-1', ratedKva, currentA: null }]);
    return Array.from({ length: 20 }, () => look({ over: 50, met: 0 }).length).indexOf(1);
  };
  assert.deepEqual([soonest(520), soonest(480)], [15, 3]);
});

test('even a falling excess is reported once half of the relay time is over', () => {
  const feeder = { id: 'feeder-1', ratedKva: 300, currentA: 200, relay: { pickUpA: 240, timeMultiplier: 3 } };
  const look = watching([feeder], 480);
  let conditions: string[] = [];
  // At twice the pick-up the relay trips after 30 s; a cycle takes a quarter of a second.
  let cycles = 0;
  for (let over = 900; conditions.length === 0; over *= 0.97, cycles++) conditions = look({ over, met: 1 });
  assert.match(conditions.join(), /and half of the time of its relay is over$/);
  assert.equal(cycles, Math.ceil((0.5 * 3 * 0.14) / (2 ** 0.02 - 1) / 0.25));
});

test('a relay past half of its time is reported even if no limit is exceeded', () => {
  const feeder = { id: 'feeder-1', ratedKva: 630, currentA: null, relay: { pickUpA: 240, timeMultiplier: 3 } };
  const look = watching([feeder], 480);
  assert.deepEqual(last(look, 40, { over: 0 }), [], 'it trips after 30 s, at four cycles a second');
  assert.deepEqual(last(look, 30, { over: 0 }), [
    'unmet:feeder-1: feeder-1 at 480 A is past its limit of 240, and half of the time of its relay is over',
  ]);
});

test('a load that fluctuates past its limit is reported about as soon as a steady one', () => {
  let seed = 7;
  const noise = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const overs: readonly ((second: number) => number)[] = [
    () => 10,
    (second) => (second % 4 < 2 ? 5 : 15),
    (second) => (second % 20 < 10 ? 5 : 15),
    () => 2 + 20 * noise(),
  ];
  const soonest = (ratedKva: number | null) => (over: (second: number) => number) => {
    const look = watching([{ id: 'feeder-1', ratedKva, currentA: null }]);
    return Array.from({ length: 60 }, (_, second) => look({ over: over(second), shown: true }).length).indexOf(1);
  };
  const [steady, ...others] = overs.map(soonest(null));
  assert.equal(steady, 3);
  for (const each of others) assert.ok(each >= 3 && each <= 15, `${each} s`);
  const [calm, ...calmOthers] = overs.map(soonest(600));
  assert.equal(calm, 15);
  for (const each of calmOthers) assert.ok(each >= 15 && each <= 25, `${each} s`);
});

test('missing relief that was fully requested is reported after two response times', () => {
  const look = watching();
  assert.deepEqual(last(look, 6, { over: 50, met: 1 }), []);
  assert.match(look({ over: 50, met: 1 }).join(), /and the relief that was asked for does not come$/);
});

test('an old value does not count against relief', () => {
  const look = watching();
  for (let heardS = 0; heardS < 10; heardS++) assert.deepEqual(look({ over: 50, met: 0.4, heardS }), []);
  assert.deepEqual(look({ over: 50, met: 0.4 }), [EXHAUSTED]);
});

test('in monitor a persistent excess is reported with the reason that the guard moves no device', async () => {
  const look = watching();
  assert.match(last(look, 4, { over: 50, met: 1, shown: true }).join(), /and in monitor the guard moves no device$/);
  const rig = await makeRig();
  rig.gateway.local({ op: 'mode', mode: 'monitor', reason: 'watching' });
  rig.world['f/p'] = 520;
  await rig.run(10);
  assert.deepEqual(
    rig.gateway.status().alarms.filter((text) => text.startsWith('LS-CONTROL-004')),
    ['LS-CONTROL-004 feeder-1 at 520 kW is past its limit of 500, and in monitor the guard moves no device'],
  );
  await rig.gateway.stop();
});

test('an alarm names the new limit after a change and ends when the new limit is kept', async () => {
  const rig = await makeRig();
  let sequence = 0;
  const limited = async (importKw: number, seconds: number): Promise<string[]> => {
    const gridLimit = { importKw, exportKw: 100 };
    const document = settingsDocument(rig.clock.plant.now(), { gridLimit }, ++sequence);
    rig.uplink.down({ kind: 'document', document });
    await rig.run(seconds);
    return rig.gateway.status().alarms.filter((text) => text.startsWith('LS-CONTROL-004'));
  };
  rig.world['t/p'] = 590;
  const words = (kw: number): string =>
    `LS-CONTROL-004 transformer at 590 kW is past its limit of ${kw}, and devices that could relieve it do not follow`;
  assert.deepEqual(await limited(100, 30), [words(100)]);
  assert.deepEqual(await limited(300, 30), [words(300)]);
  assert.deepEqual(await limited(2000, 12), []);
  await rig.gateway.stop();
});

test('voltages of a feeder past the same end of the band are one condition, after the tap changer had time', () => {
  const watch = new ReliefWatch();
  const specs = ['flex-1', 'ev-1'].map((id) => ({ id, feeder: 'feeder-2', takesVoltageTarget: false }));
  const site = { ...SITE, specs: [...specs, { id: 'tap-1', feeder: null, takesVoltageTarget: true }] };
  const conditionsAt = (second: number) => {
    const passed = specs.map(({ id }, index) => ({
      limit: `${id}-voltage`,
      element: id,
      quantity: 'voltagePu' as const,
      value: 0.93 - index / 100,
      bound: 0.94,
      over: 0.01 + index / 100,
    }));
    const image = { stepS: 1, devices: new Map(), elements: new Map() };
    const interventions = passed.map((each) => ({ ...each, met: 0, levers: [] }));
    const result = { passed, interventions, shown: false, image } as unknown as StepResult;
    return watch
      .update(result, 1000 * second, site as unknown as Parameters<ReliefWatch['update']>[2])
      .map(({ key, text }) => `${key}: ${text}`);
  };
  conditionsAt(0);
  assert.deepEqual(conditionsAt(119), []);
  assert.deepEqual(conditionsAt(120), [
    'unmet-voltage:feeder-2: ev-1 at 0.920 pu is past its limit of 0.940, as is one more device of its feeder, and no device can relieve it further',
  ]);
});

/** The voltage of pv-1, one reading a second, with requested relief met or not. */
function voltageOf() {
  const watch = new ReliefWatch();
  const specs = [
    { id: 'pv-1', feeder: 'feeder-1', takesVoltageTarget: false },
    { id: 'tap-1', feeder: null, takesVoltageTarget: true },
  ];
  const site = { ...SITE, specs } as unknown as Parameters<ReliefWatch['update']>[2];
  let second = 0;
  return (seconds: number, value: number, met: number): string[] => {
    const bound = value > 1 ? 1.06 : 0.94;
    const over = Math.abs(value - bound);
    const excess = { limit: 'pv-1-voltage', element: 'pv-1', quantity: 'voltagePu' as const, value, bound, over };
    let conditions: string[] = [];
    for (let at = 0; at < seconds; at++) {
      const result = {
        passed: [excess],
        interventions: [{ ...excess, met, levers: [] }],
        shown: false,
        image: { stepS: 1, devices: new Map(), elements: new Map() },
      } as unknown as StepResult;
      conditions = watch.update(result, 1000 * second++, site).map(({ key, text }) => `${key}: ${text}`);
    }
    return conditions;
  };
}

test('a voltage that jumps, or passes the other end of the band, starts a new wait for relief', () => {
  const look = voltageOf();
  assert.deepEqual(look(110, 1.08, 0), [], 'the tap changer may still act');
  assert.deepEqual(look(29, 1.138, 1), [], 'another excess');
  assert.deepEqual(look(29, 0.9, 1), [], 'another limit');
  assert.deepEqual(look(2, 0.89, 1), [
    'unmet-voltage:feeder-1: pv-1 at 0.890 pu is past its limit of 0.940, and the relief that was asked for does not come',
  ]);
});

test('a voltage of the element itself does not wait for slow readings', () => {
  const watch = new ReliefWatch();
  const excess = {
    limit: 'v',
    element: 'feeder-1',
    quantity: 'voltagePu' as const,
    value: 1.16,
    bound: 1.1,
    over: 0.06,
  };
  const site = { ...SITE, elements: [{ id: 'feeder-1', ratedKva: 630, currentA: null }] };
  const meter = { heardS: 0, fresh: true, activePowerKw: -300, reactivePowerKvar: 0, currentA: 400 };
  const result = {
    passed: [excess],
    interventions: [{ ...excess, met: 0, levers: [] }],
    shown: false,
    image: { stepS: 0.25, devices: new Map(), elements: new Map([['feeder-1', meter]]) },
  } as unknown as StepResult;
  const counts = Array.from(
    { length: 20 },
    (_, second) => watch.update(result, 1000 * second, site as unknown as Parameters<ReliefWatch['update']>[2]).length,
  );
  assert.equal(counts.indexOf(1), 3);
});

test('late relief is timed from when the devices could give all of it', () => {
  const look = voltageOf();
  look(30, 1.09, 0);
  assert.deepEqual(look(120, 1.09, 1), []);
  assert.match(look(1, 1.09, 1).join(), /the relief that was asked for does not come$/);
});

test('a voltage that falls with each tap but stays past its limit is reported as too slow', () => {
  const look = voltageOf();
  look(60, 1.099, 0);
  look(60, 1.09, 0);
  assert.deepEqual(look(30, 1.08, 1), []);
  assert.match(look(1, 1.08, 1).join(), /and it comes back too slowly$/);
});

test('a voltage far past its limit waits only for the first step of the tap changer', () => {
  const watch = new ReliefWatch();
  const specs = [
    { id: 'pv-1', feeder: 'feeder-1', takesVoltageTarget: false },
    { id: 'tap-1', feeder: null, takesVoltageTarget: true },
  ];
  const passed = [
    { limit: 'pv-1-voltage', element: 'pv-1', quantity: 'voltagePu', value: 1.15, bound: 1.1, over: 0.05 },
  ];
  const result = {
    passed,
    interventions: passed.map((each) => ({ ...each, met: 0, levers: [] })),
    shown: false,
    image: { stepS: 0.25, devices: new Map(), elements: new Map() },
  } as unknown as StepResult;
  const site = { ...SITE, specs } as unknown as Parameters<ReliefWatch['update']>[2];
  const counts = Array.from({ length: 31 }, (_, second) => watch.update(result, 1000 * second, site).length);
  assert.equal(counts.indexOf(1), 30);
});
