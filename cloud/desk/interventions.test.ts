import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import type { DeviceHealth } from '../../shared/contracts/report.ts';
import { SqliteStore } from '../telemetry/sqlite-store.ts';
import type { Interval } from '../telemetry/store.ts';
import { ActingWorld } from './testing/acting-world.ts';
import { voltageQuality, WEEK_MS, weekName, weekStart } from './voltage-quality.ts';

const START = Date.UTC(2021, 8, 25, 10);
const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 100 };

interface Watched {
  readonly world: ActingWorld;
  readonly clock: VirtualClock;
  readonly device: string;
}

/** Reports a device as given, minutes after the start. */
const reporting =
  ({ world, clock, device }: Watched) =>
  async (minute: number, over: Partial<DeviceHealth>): Promise<void> => {
    const time = START + minute * 60_000;
    clock.step(time - clock.plant.now());
    const health = world.gateways.get('owd-01')!.health();
    const devices = health.devices.map((each) => (each.device === device ? { ...each, ...over } : each));
    await world.book.reported('owd-01', { ...health, time, devices });
  };

const spellsOf = async (world: ActingWorld) =>
  (await world.interventions.list(EVER)).map(({ startedAt, endedAt, energyKwh }) => [
    (startedAt - START) / 60_000,
    endedAt === null ? null : (endedAt - START) / 60_000,
    energyKwh,
  ]);

test('a guard intervention is one entry with author, times, depth, energy and measurement', async () => {
  const clock = new VirtualClock(START);
  const world = new ActingWorld(testRegion('owd'), clock);
  const report = async (time: number, over: Partial<DeviceHealth>) => {
    clock.step(time - clock.plant.now());
    const health = world.gateways.get('owd-01')!.health();
    const devices = health.devices.map((each) => (each.device === 'pv-1' ? { ...each, ...over } : each));
    await world.book.reported('owd-01', { ...health, time, devices, guard: { ...health.guard, element: 'pv-1' } });
  };
  // The wish of a free plant is its nameplate, and the sun gives less.
  const held = { limitedBy: 'guard', wishedKw: -800, reason: 'plan; limited by pv-1-voltage' };
  await report(START, { ...held, setpointKw: -500, reliefKw: 100 });
  await report(START + 1_800_000, { ...held, setpointKw: -300, reliefKw: 300 });
  await report(START + 3_600_000, { limitedBy: null });
  const [entry, more] = await world.interventions.list(EVER);
  assert.equal(more, undefined);
  assert.deepEqual(
    { ...entry, energyKwh: Math.round(entry!.energyKwh) },
    {
      id: 1,
      gateway: 'owd-01',
      device: 'pv-1',
      kind: 'guard',
      who: 'guard',
      startedAt: START,
      endedAt: START + 3_600_000,
      depthKw: 300,
      energyKwh: 150,
      why: held.reason,
      measurement: 'pv-1: -600.0 kW',
    },
  );
});

test('progress of an intervention that the store refused is stored with the next report', async () => {
  const clock = new VirtualClock(START);
  const world = new ActingWorld(testRegion('owd'), clock);
  const report = reporting({ world, clock, device: 'pv-1' });
  const held = {
    limitedBy: 'guard',
    wishedKw: -800,
    setpointKw: -500,
    reason: 'plan; limited by pv-1-voltage',
  } as const;
  const full = async (): Promise<never> => {
    throw new Error('database or disk is full');
  };
  const failing = async (minute: number, over: Partial<DeviceHealth>) => {
    const mocked = mock.method(world.interventions, 'commit', full);
    await assert.rejects(report(minute, over), /disk is full/);
    mocked.mock.restore();
  };
  await report(0, held);
  await failing(1, held);
  await report(1.5, held);
  const [running] = await world.interventions.list(EVER);
  assert.equal(running!.energyKwh, 7.5);
  await failing(2, { limitedBy: null });
  await report(5, { limitedBy: null });
  const [entry, more] = await world.interventions.list(EVER);
  assert.deepEqual([entry!.endedAt, entry!.energyKwh, more], [START + 120_000, 7.5, undefined]);
});

test('a cloud restart does not split an intervention; one unobserved for long ends when last seen', async () => {
  const clock = new VirtualClock(START);
  const world = new ActingWorld(testRegion('owd'), clock);
  const held = {
    limitedBy: 'guard',
    wishedKw: -800,
    setpointKw: -500,
    reason: 'plan; limited by pv-1-voltage',
  } as const;
  const report = reporting({ world, clock, device: 'pv-1' });
  await report(0, held);
  await report(10, held);
  await world.restartBook();
  await report(20, held);
  assert.deepEqual(await spellsOf(world), [[0, null, 100]]);
  await world.restartBook();
  await report(50, held);
  assert.deepEqual(await spellsOf(world), [
    [50, null, 0],
    [0, 20, 100],
  ]);
});

test('what the plan asks after an override does not count as its depth', async () => {
  const clock = new VirtualClock(START);
  const world = new ActingWorld(testRegion('owd'), clock);
  const report = reporting({ world, clock, device: 'battery-1' });
  const free = world.gateways
    .get('owd-01')!
    .health()
    .devices.find(({ device }) => device === 'battery-1')!;
  await report(0, { source: 'local-manual', setpointKw: 50 });
  const [begun] = await world.interventions.list(EVER);
  await report(6, { source: 'local-manual', setpointKw: 50 });
  await report(12, { ...free, source: 'cloud-plan', setpointKw: -300 });
  const [entry] = await world.interventions.list(EVER);
  assert.equal(entry!.depthKw, begun!.depthKw);
  assert.ok(Math.abs(entry!.energyKwh - 0.2 * begun!.depthKw) < 1e-9, `${entry!.energyKwh} kWh`);
});

test('an intervention does not include hours in which its gateway was silent', async () => {
  const clock = new VirtualClock(START);
  const world = new ActingWorld(testRegion('owd'), clock);
  const held = {
    limitedBy: 'guard',
    wishedKw: -800,
    setpointKw: -500,
    reason: 'plan; limited by pv-1-voltage',
  } as const;
  const report = reporting({ world, clock, device: 'pv-1' });
  for (const minute of [0, 60, 420]) await report(minute, held);
  assert.deepEqual(await spellsOf(world), [
    [420, null, 0],
    [0, 60, 300],
  ]);
});

test('a gateway clock that is a year ahead for a moment adds no energy for that year', async () => {
  const clock = new VirtualClock(START);
  const world = new ActingWorld(testRegion('owd'), clock);
  const held = { limitedBy: 'guard', wishedKw: -800, setpointKw: -500, reason: 'plan; limited by pv-1-voltage' };
  for (const aheadMs of [0, 365 * 86_400_000, 0]) {
    const health = world.gateways.get('owd-01')!.health();
    const devices = health.devices.map((each) => (each.device === 'pv-1' ? { ...each, ...held } : each));
    await world.book.reported('owd-01', { ...health, time: clock.plant.now() + aheadMs, devices });
    clock.step(60_000);
  }
  await world.report();
  const [entry] = await world.interventions.list(EVER);
  // 300 kW for the two minutes between the reports of it.
  assert.ok(Math.abs(entry!.energyKwh - (300 * 2) / 60) < 0.1, `${entry!.energyKwh} kWh`);
});

test('a gateway that reports unknown devices does not fill the register', async () => {
  const world = new ActingWorld(testRegion('owd'), new VirtualClock(START));
  const health = world.gateways.get('owd-01')!.health();
  const [any] = health.devices;
  for (let round = 0; round < 10; round++) {
    const invented = Array.from({ length: 100 }, (_, i) => ({ ...any!, device: `ghost-${round}-${i}`, stopped: true }));
    await world.book.reported('owd-01', { ...health, devices: [...invented, { ...any!, stopped: true }] });
  }
  const entries = await world.interventions.list({ ...EVER, limit: 10_000 });
  assert.ok(entries.length < 30, `${entries.length} entries`);
  assert.ok(entries.some(({ device }) => device === any!.device));
});

test('an act is recorded with the name and reason of its user', async () => {
  const clock = new VirtualClock(START);
  const world = new ActingWorld(testRegion('owd'), clock);
  const wish = {
    gateway: 'owd-01',
    device: 'battery-1',
    setpoint: { activePowerKw: -300 },
    durationS: 900,
    reason: 'relieve the feeder',
  };
  const { token } = await world.desk.select('anna', wish);
  await clock.advance(1000);
  await world.desk.operate('anna', token, wish);
  await clock.advance(1000);
  await world.report();
  await world.desk.acts.ask('bert', { kind: 'stop', target: 'feeder:owd-2' }, 'smoke');
  await clock.advance(1000);
  await world.report();
  const who = async () =>
    (await world.interventions.list(EVER)).map((each) => [each.device, each.kind, each.who, each.why]);
  assert.deepEqual(await who(), [
    ['ev-1', 'stop', 'bert', 'smoke'],
    ['battery-1', 'override', 'anna', 'relieve the feeder'],
  ]);
  await world.restartBook();
  await world.report();
  assert.equal((await who()).length, 2, 'a restart adds no second entry');
});

test('an override that replaces another is a separate entry with its own user', async () => {
  const clock = new VirtualClock(START);
  const world = new ActingWorld(testRegion('owd'), clock);
  const give = async (user: string, activePowerKw: number, reason: string): Promise<void> => {
    const wish = { gateway: 'owd-01', device: 'battery-1', setpoint: { activePowerKw }, durationS: 900, reason };
    const { token } = await world.desk.select(user, wish);
    await clock.advance(1000);
    await world.report();
    await world.desk.operate(user, token, wish);
    await world.report();
    await clock.advance(1000);
    await world.report();
    await world.report();
  };
  await give('anna', -300, 'relieve the feeder');
  await give('bert', -400, 'the line is out');
  const list = await world.interventions.list(EVER);
  assert.deepEqual(
    list.map(({ kind, who, why, depthKw, endedAt }) => [kind, who, why, depthKw, endedAt !== null]),
    [
      ['override', 'bert', 'the line is out', 400, false],
      ['override', 'anna', 'relieve the feeder', 300, true],
    ],
  );
});

const mean = (value: number | null, coverage = 1): Interval => ({
  start: 0,
  mean: value,
  min: value,
  max: value,
  coverage,
  quality: 'good',
});

test('EN 50160: 99 % of the 10-min means of a week must be within ±10 % at medium voltage; gaps do not count', async () => {
  const region = testRegion('owd');
  const meter = { device: 'station-1', kind: 'station', element: 'owd-1-b2', errorPct: 1, intervalS: 600 } as const;
  const substation = { ...region.substations[0]!, meters: [meter] };
  const judge = async (means: readonly Interval[]) => {
    const intervals = async (): Promise<Interval[][]> => [[...means]];
    return (await voltageQuality({ ...region, substations: [substation] }, { intervals }, START))[0]!;
  };
  const week = (bad: number, value: number): Interval[] =>
    Array.from({ length: 1008 }, (_, at) => mean(at < bad ? value : 1));
  assert.equal((await judge(week(10, 1.12))).verdict, 'kept');
  assert.equal((await judge(week(11, 1.12))).verdict, 'not kept');
  assert.equal((await judge(week(1, 1.16))).verdict, 'not kept');
  const gap = await judge(week(500, 1).map((each, at) => (at < 500 ? mean(null, 0) : each)));
  assert.deepEqual([gap.verdict, gap.measured, gap.level], ['not enough measured', 508, 'MV']);
  assert.equal((await judge([])).withinPct, null);
  const first60 = (bad: number): Interval[] => week(bad, 0.89).slice(0, 60);
  assert.equal((await judge(first60(4))).verdict, 'not enough measured', 'a whole week may have four such means');
  assert.equal((await judge(first60(11))).verdict, 'not kept', 'whatever the rest of the week brings');
});

test('EN 50160: a week that was not kept is never called kept once its raw samples are thinned', async (t) => {
  const region = testRegion('owd');
  const meter = { device: 'station-1', kind: 'station', element: 'owd-1-b2', errorPct: 1, intervalS: 60 } as const;
  const substation = { ...region.substations[0]!, meters: [meter] };
  const store = new SqliteStore({ path: ':memory:', rawRetentionDays: 35 });
  await store.open();
  t.after(() => store.close());
  const series = { gateway: substation.gateway, device: meter.device, metric: 'voltagePu' };
  const monday = weekStart('2021-W38')!;
  const rest = { quality: 'good', origin: 'measured' } as const;
  // Ten minutes of each two hours are too high: 8 % of the means.
  const point = (n: number) => ({
    series,
    time: monday + n * 200_000,
    offset: n,
    value: n % 36 < 3 ? 1.12 : 1,
    ...rest,
  });
  await store.write(Array.from({ length: WEEK_MS / 200_000 }, (_, n) => point(n)));
  const judged = async () => {
    const [row] = await voltageQuality({ ...region, substations: [substation] }, store, monday);
    return [row!.verdict, row!.measured];
  };
  assert.deepEqual(await judged(), ['not kept', 1008]);
  await store.maintain(monday + 60 * 86_400_000);
  assert.deepEqual(await judged(), ['not enough measured', 0]);
});

test('ISO 8601 weeks are named correctly across the turn of a year', async () => {
  for (const name of ['2020-W53', '2021-W01', '2021-W38', '2026-W53']) {
    const start = weekStart(name)!;
    assert.equal(new Date(start).getUTCDay(), 1);
    assert.deepEqual([weekName(start), weekName(start + WEEK_MS - 1)], [name, name]);
  }
  for (const bad of ['2021-W53', '2021-W00', '2021-38', 'W38']) assert.equal(weekStart(bad), undefined, bad);
});
