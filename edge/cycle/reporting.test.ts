import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Metric } from '../../shared/contracts/frame.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { measured, type ReadSample } from '../drivers/driver.ts';
import type { Traffic } from '../uplink/traffic.ts';
import { makeRig, RIG_YAML, START } from './testing/rig.ts';
import { AlarmBook, type Condition } from './alarms.ts';
import { DataBudget } from './budget.ts';
import { CycleLoop } from './loop.ts';
import { ExceptionReporter } from './report-by-exception.ts';

const settings = { deadbandPct: 1, minIntervalS: 5, maxIntervalS: 60 };
const samples = (values: Partial<Record<Metric, number>>, atS: number): Map<Metric, ReadSample> =>
  new Map(
    Object.entries(values).map(([metric, value]) => [
      metric as Metric,
      measured(value, { ms: atS * 1000, uncertain: false }, atS * 1000),
    ]),
  );

test('reporting by exception uses a dead band of the rating, a minimum and a maximum interval', () => {
  const reporter = new ExceptionReporter('battery-1', 100);
  const rows: [atS: number, kw: number, pu: number, reported: string[], why: string][] = [
    [0, 50, 1, ['activePowerKw', 'voltagePu'], 'the first'],
    [3, 53, 1, [], 'least interval'],
    [6, 60, 1.001, ['activePowerKw'], '10 kW of 100; the voltage moved by less than 1 % of its band'],
    [12, 60.9, 1.003, ['voltagePu'], '0.9 kW wait, 0.003 pu do not'],
    [20, 60.9, 1.003, [], 'nothing moved'],
    [67, 60.9, 1.003, ['activePowerKw'], 'a minute after its last report'],
    [73, 60.9, 1.003, ['voltagePu'], 'and the voltage after its own'],
  ];
  for (const [atS, kw, pu, reported, why] of rows) {
    const frames = reporter.frames(samples({ activePowerKw: kw, voltagePu: pu }, atS), atS * 1000, settings);
    assert.deepEqual(
      frames.flatMap(({ values }) => values.map(({ metric }) => metric)),
      reported,
      why,
    );
  }
});

test('a jump of power skips the minimum interval, but the next jump waits', () => {
  const reporter = new ExceptionReporter('feeder-1', 100);
  const frameCounts = [50, 50, 90, 50, 90, 50, 50, 50].map(
    (kw, atS) => reporter.frames(samples({ activePowerKw: kw }, atS), atS * 1000, settings).length,
  );
  assert.deepEqual(frameCounts, [1, 0, 1, 0, 0, 0, 0, 1]);
});

test('a device with a stopped clock is reported when its values change; repeats are not', () => {
  const reporter = new ExceptionReporter('feeder-1', 100);
  const frameCounts = [50, 50, 60, 60, 70].map(
    (kw, at) => reporter.frames(samples({ activePowerKw: kw }, 0), 60_000 * at, settings).length,
  );
  assert.deepEqual(frameCounts, [1, 0, 1, 0, 1]);
});

/** Traffic of a single value. */
const oneValue: Traffic = { measurements: 128 };

test('the data budget warns once a month, across restarts; beyond it thinning is at its maximum', () => {
  const budget = new DataBudget({ mbPerMonth: 1, warnPct: 80 });
  const traffic = { measurements: 100_000, health: 28_000 };
  const september = Date.UTC(2021, 8, 25);
  const warnings = Array.from({ length: 8 }, () => budget.note(traffic, september)).filter((each) => each !== null);
  assert.equal(warnings.length, 1);
  assert.equal(budget.use.usedMb, 1.02);
  assert.deepEqual(budget.use.uses, [
    { kind: 'measurements', mb: 0.8 },
    { kind: 'health', mb: 0.22 },
  ]);
  assert.deepEqual(budget.thinned(settings), { deadbandPct: 20, minIntervalS: 60, maxIntervalS: 60 });
  const second = new DataBudget({ mbPerMonth: 1, warnPct: 80 });
  second.restore(budget.state);
  assert.equal(second.thinned(settings).deadbandPct, 20, 'after a restart too');
  assert.equal(second.note(traffic, september), null, 'and it does not warn once more');
  assert.equal(second.note({}, Date.UTC(2021, 9, 1)), null);
  assert.deepEqual(second.thinned(settings), settings, 'a new month');
});

test("a month's usage survives a clock that starts in 1970 or is set back", () => {
  const [september, october] = [Date.UTC(2021, 8, 25), Date.UTC(2021, 9, 25)];
  const traffic = { measurements: 512_000 };
  const before = new DataBudget({ mbPerMonth: 1, warnPct: 80 });
  before.note(traffic, october);
  const budget = new DataBudget({ mbPerMonth: 1, warnPct: 80 });
  budget.restore(before.state);
  const used = (time: number): number => {
    budget.note({}, time);
    return budget.use.usedMb;
  };
  assert.deepEqual([used(1000), used(october)], [0.51, 0.51], 'a start without a valid clock, then the clock is set');
  const built = Date.UTC(2021, 2, 1);
  assert.deepEqual([used(built), used(october)], [0.51, 0.51], 'it starts when the system was built, then is set');
  assert.deepEqual([used(september), used(Date.UTC(2021, 8, 30))], [0.51, 0.51], 'it had been ahead by a month');
  assert.deepEqual([used(Date.UTC(2021, 9, 1)), budget.use.month], [0, '2021-10'], 'a later month starts a new count');
});

test('after the warning thinning makes the rest of the budget last to the end of the month', () => {
  const budget = new DataBudget({ mbPerMonth: 7, warnPct: 50 });
  const end = Date.UTC(2021, 9, 1);
  let time = Date.UTC(2021, 8, 21);
  let sinceS = 0;
  let most = 1;
  // One value every 5 s would take 22 MB in these ten days.
  for (; time < end; time += 5000) {
    sinceS += 5;
    const due = sinceS >= budget.thinned(settings).minIntervalS;
    if (due) sinceS = 0;
    budget.note(due ? oneValue : {}, time);
    most = Math.max(most, budget.use.thinning);
  }
  assert.ok(budget.use.usedMb <= 7, `${budget.use.usedMb} MB`);
  assert.ok(budget.use.usedMb > 6.3, `${budget.use.usedMb} MB: no thinner than it takes`);
  assert.ok(most > 1, `${most}`);
});

test('an alarm is raised at once and cleared after ten quiet seconds', () => {
  const book = new AlarmBook();
  const condition: Condition = {
    key: 'device:a',
    code: 'LS-CONTROL-003',
    severity: 'medium',
    text: 'a is silent',
    device: 'a',
  };
  const rows: [atS: number, holds: boolean, expected: (boolean | undefined)[]][] = [
    [0, true, [true]],
    [1, true, []],
    [5, false, []],
    [8, true, []],
    [17, false, []],
    [18, false, [false]],
    [19, false, []],
    [20, true, [true]],
  ];
  for (const [atS, holds, expected] of rows) {
    const events = book.update(holds ? [condition] : [], START - 1000 * atS, atS * 1000);
    assert.deepEqual(
      events.map(({ active }) => active),
      expected,
      `at ${atS} s`,
    );
  }
});

test('a delayed alarm ignores flapping, reports its latest text, and reports its end only if raised', () => {
  const book = new AlarmBook();
  const rows: [atS: number, devices: number, expected: string[]][] = [
    [0, 40, []],
    [30, 41, []],
    [45, 0, []],
    [59, 42, []],
    [60, 42, []],
    [118, 42, []],
    [119, 43, ['true 43 devices']],
    [120, 2, []],
    [131, 0, ['false 43 devices']],
  ];
  for (const [atS, devices, expected] of rows) {
    const condition: Condition = {
      key: 'loser:envelope',
      code: 'LS-CONTROL-004',
      severity: 'low',
      text: `${devices} devices`,
      onDelayMs: 60_000,
    };
    const events = book.update(devices > 0 ? [condition] : [], START - 1000 * atS, atS * 1000);
    assert.deepEqual(
      events.map(({ active, text }) => `${active} ${text.replace('gone: ', '')}`),
      expected,
      `at ${atS} s`,
    );
    assert.equal(book.standing().length, atS >= 119 && atS < 131 ? 1 : 0, `standing at ${atS} s`);
  }
});

test('a limit that yields to others at many devices is one event after a minute, not an alarm', async () => {
  const devices = Array.from(
    { length: 8 },
    (_, index) => `
  - id: battery-${index + 2}
    type: battery
    driver: mqtt
    connectionPoint: { id: cp-${index + 10}, authority: direct }
    ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 200 }
    read: { activePowerKw: { topic: b/p }, socPct: { topic: b/soc }, staleAfterS: 5 }
    write: { activePowerKw: { topic: b${index}/set, template: '\${value}' } }`,
  );
  const rig = await makeRig({ yaml: RIG_YAML + devices.join('').slice(1) });
  rig.world['t/p'] = 2000;
  const lost = () =>
    rig.uplink.of('events').flatMap(({ events }) => events.filter(({ code }) => code === 'limit.lost'));
  await rig.run(50);
  assert.deepEqual(lost(), []);
  await rig.run(60);
  assert.equal(lost().length, 1);
  assert.match(lost()[0]!.text, /envelope is not kept at battery-1, .* and 4 more: /);
  const { limit, devices: named, others } = lost()[0]!.parameters!;
  assert.deepEqual([limit, named, others], ['envelope', [1, 2, 3, 4, 5].map((each) => `battery-${each}`), 4]);
  assert.deepEqual(
    rig.gateway.status().alarms.filter((text) => text.includes('envelope')),
    [],
  );
});

test('a changed value in an alarm text is reported again, after ten seconds at the earliest', () => {
  const book = new AlarmBook();
  const rows: [atS: number, kw: number, expected: number[]][] = [
    [0, 500, [500]],
    [5, 600, []],
    [10, 600, [600]],
    [30, 605, []],
    [40, 450, [450]],
  ];
  for (const [atS, kw, expected] of rows) {
    const condition: Condition = {
      key: 'unmet:feeder-1',
      code: 'LS-CONTROL-004',
      severity: 'high',
      text: `${kw}`,
      live: { value: kw, step: 10 },
    };
    const events = book.update([condition], START + 1000 * atS, 1000 * atS);
    assert.deepEqual(
      events.map(({ text }) => Number(text)),
      expected,
      `at ${atS} s`,
    );
  }
});

test('the control loop keeps its grid, counts missed cycles and passes exact step lengths', async () => {
  const clock = new VirtualClock(0);
  const steps: number[] = [];
  const loop = new CycleLoop(clock, 250, async ({ stepS }) => {
    steps.push(stepS);
  });
  loop.start();
  await clock.advance(1000);
  assert.deepEqual(steps, [0, 0.25, 0.25, 0.25]);
  await loop.stop();
  await clock.advance(5000);
  assert.equal(steps.length, 4);

  const fast = { plant: clock.plant, machine: clock.machine, speed: () => 60 };
  const quick: number[] = [];
  const second = new CycleLoop(fast, 250, async ({ stepS }) => {
    quick.push(stepS);
  });
  second.start();
  await clock.advance(3000);
  await second.stop();
  assert.deepEqual([quick, second.figures().periodMs], [[0, 1, 1], 1000]);

  // A clock that jumps: the cycle itself takes 1.1 s.
  let now = 0;
  const tasks: (() => void | Promise<void>)[] = [];
  const base = {
    now: () => now,
    elapsed: () => now,
    after: (delayMs: number, task: () => void | Promise<void>) => {
      tasks.push(() => {
        now += Math.max(0, delayMs);
        return task();
      });
      return { cancel: () => undefined };
    },
  };
  const slow = new CycleLoop({ plant: base, machine: base, speed: () => 1 }, 250, async () => {
    now += 1100;
  });
  slow.start();
  for (let cycle = 0; cycle < 3; cycle++) await tasks.shift()!();
  const { overruns, count } = slow.figures();
  assert.deepEqual([count, overruns], [3, 10]);
  await slow.stop();
});
