import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { SessionsNow } from '../problem/ports.ts';
import type { EstimateState, MeterFinding } from '../../estimate/state.ts';
import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import type { Basis } from '../problem/basis.ts';
import { PlanWatch } from './plan-watch.ts';
import { plansOf, reportOn, setUp, type Sent } from '../testing/dispatch-rig.ts';
import { usualReadings } from '../testing/fixture.ts';

const MINUTE = 60_000;

/** A region in which nothing moves unless a test moves it, planned once. */
async function still() {
  const readings: Record<string, number> = { ...usualReadings };
  const world = {
    readings,
    estimate: (state: EstimateState): EstimateState => state,
    forecast: (forecast: Forecast): Forecast => forecast,
    stepsS: [900, 900, 3600, 3600],
    onSend: async (_sent: Sent): Promise<void> => {},
  };
  const rig = await setUp({
    readings,
    estimate: (state) => world.estimate(state),
    forecast: (forecast) => world.forecast(forecast),
    stepsS: () => world.stepsS,
    onSend: (sent) => world.onSend(sent),
  });
  await rig.clock.advance(5 * MINUTE);
  assert.equal(plansOf(rig.sent).length, 2);
  /** Why each plan since then was made for the first substation. */
  const causes = (): string[] =>
    plansOf(rig.sent)
      .slice(2)
      .flatMap(({ gateway, document }) => (gateway === 'aaa-01' ? [document.body.trigger] : []));
  return { ...rig, world, causes };
}

test('a plan stands for half an hour when nothing changes, and is then replaced', async () => {
  const { clock, sent, service, causes } = await still();
  await clock.advance(28 * MINUTE);
  assert.equal(plansOf(sent).length, 2, 'none in 28 min');
  await clock.advance(2 * MINUTE);
  assert.deepEqual(causes(), ['schedule']);
  const { document } = plansOf(sent).at(-1)!;
  assert.ok(document.acceptUntil - document.issuedAt > 30 * MINUTE, 'it can be accepted until the next one exists');
  await clock.advance(60 * MINUTE);
  assert.equal(causes().length, 3, 'twice an hour');
  await service.stop();
});

test('a plan made under a clock a day ahead is replaced once the clock is right', async () => {
  const { clock, sent, service } = await still();
  const { document } = plansOf(sent).at(-1)!;
  const watch = new PlanWatch({ look: async () => undefined });
  const now = clock.plant.now();
  const round = { now, start: now, stepsS: [900], share: () => assert.fail('no share is read') };
  const substation = service.planFor('aaa')!.plan.substation;
  const look = (at: number) => {
    watch.made(substation, { plan: document.body, basis: {} as Basis, at });
    return watch.look({ id: substation } as RegionSubstation, { round, periodMs: MINUTE });
  };
  assert.deepEqual([await look(now), await look(now + 24 * 60 * MINUTE)], [undefined, 'schedule']);
  await service.stop();
});

const scaled = (forecast: Forecast, quantiles: readonly number[], by: number): Forecast => ({
  ...forecast,
  id: 'fc-next',
  values: forecast.values.map((row, at) =>
    quantiles.includes(forecast.quantiles[at]!) ? row.map((kw) => kw + by) : row,
  ),
});
const ofFirst = (forecast: Forecast): boolean =>
  forecast.target === 'substation:aaa' || forecast.target === 'feeder:aaa-1';

type World = Awaited<ReturnType<typeof still>>;
const moves: readonly [name: string, cause: string, move: (rig: World) => void][] = [
  [
    'a switch',
    'topology',
    ({ world }) => {
      world.estimate = (state) => ({ ...state, topologyVersion: 4 });
    },
  ],
  ['a lost device', 'devices', ({ devices }) => void devices.lost.add('pv-1')],
  [
    'the tap changer',
    'devices',
    ({ world }) => {
      world.estimate = (state) => ({
        ...state,
        transformer: { ...state.transformer, tapPosition: { ...state.transformer.tapPosition, value: 1 } },
      });
    },
  ],
  [
    'the median of a forecast',
    'forecast',
    ({ world }) => {
      world.forecast = (forecast) => (ofFirst(forecast) ? scaled(forecast, [0.05, 0.5, 0.95], 800) : forecast);
    },
  ],
  [
    'an upper quantile of a forecast',
    'forecast',
    ({ world }) => {
      world.forecast = (forecast) => (ofFirst(forecast) ? scaled(forecast, [0.95], 800) : forecast);
    },
  ],
  [
    'the measured load',
    'measured',
    ({ world }) => {
      world.estimate = (state) => ({
        ...state,
        buses: state.buses.map((bus) => ({ ...bus, loadKw: bus.loadKw + (bus.loadKw > 0 ? 200 : 0) })),
      });
    },
  ],
  [
    'the sun',
    'measured',
    ({ world }) => {
      world.readings['pv-1/availableKw'] = 0;
    },
  ],
  [
    'a state of charge',
    'measured',
    ({ world }) => {
      world.readings['battery-1/socPct'] = 50;
    },
  ],
  [
    'charging demand',
    'measured',
    ({ world }) => {
      world.readings['ev-1/wishedKw'] = 300;
    },
  ],
];
for (const [name, cause, move] of moves)
  test(`a new plan follows within one cycle: ${name}`, async () => {
    const rig = await still();
    await rig.clock.advance(7 * MINUTE);
    move(rig);
    await rig.clock.advance(5 * MINUTE);
    // The sky is a mean over minutes.
    if (name === 'the sun') await rig.clock.advance(10 * MINUTE);
    assert.equal(rig.causes()[0], cause);
    await rig.service.stop();
  });

test('a new forecast with equal values or narrower bands triggers no plan', async () => {
  const { clock, world, causes, service } = await still();
  world.forecast = (forecast) => scaled(forecast, [0.95], -150);
  await clock.advance(25 * MINUTE);
  assert.deepEqual(causes(), []);
  await service.stop();
});

test('a car that arrives or leaves early triggers a plan, one that leaves on time does not', async () => {
  const { clock, devices, causes, service } = await still();
  let sessions: SessionsNow['sessions'] = [];
  devices.sessions = (_gateway, device) => (device === 'ev-1' ? { time: clock.plant.now(), sessions } : undefined);
  await clock.advance(5 * MINUTE);
  const begun = causes().length;
  const departure = clock.plant.now() + 12 * MINUTE;
  const car = (id: string) => ({ id, energyDueKwh: 10, departure, maxKw: 11, minKw: 0 });
  sessions = [car('c1'), car('c2')];
  await clock.advance(5 * MINUTE);
  assert.deepEqual(causes().slice(begun), ['sessions'], 'they came');
  sessions = [car('c1')];
  await clock.advance(5 * MINUTE);
  assert.deepEqual(causes().slice(begun), ['sessions', 'sessions'], 'one left early');
  sessions = [];
  await clock.advance(5 * MINUTE);
  assert.equal(causes().length, begun + 2, 'the other left on time');
  await service.stop();
});

test('a rejected or dropped plan is replaced on schedule, and an override triggers a plan', async () => {
  const { clock, sent, service, causes } = await still();
  await service.onReport('aaa-01', reportOn(plansOf(sent)[0]!.document, 'rejected', { code: 'LS-DOC-005' }));
  await clock.advance(5 * MINUTE);
  assert.deepEqual(causes(), ['schedule']);
  const expiresAt = clock.plant.now() + 30 * MINUTE;
  const body = { id: 'override-1', device: 'battery-1', reason: 'test', user: 'anna', expiresAt };
  const given = await service.documents.sendCommand('aaa-01', {
    ...body,
    kind: 'override',
    setpoint: { activePowerKw: 5 },
  });
  assert.ok(given.ok);
  for (const stage of ['accepted', 'applied'] as const) await service.onReport('aaa-01', reportOn(given.value, stage));
  await clock.advance(10_000);
  assert.deepEqual(causes(), ['schedule', 'operator']);
  const select = await service.documents.sendCommand('aaa-01', { ...body, id: 'select-01', kind: 'select' });
  assert.ok(select.ok);
  await service.onReport('aaa-01', reportOn(select.value, 'applied'));
  await clock.advance(10_000);
  assert.equal(causes().length, 2, 'a selection triggers nothing');
  await service.stop();
});

test('a plan rejected before the broker confirms its delivery is not continued', async () => {
  const { clock, world, service, causes } = await still();
  world.onSend = async ({ gateway, document }) => {
    if (document.type !== 'plan' || gateway !== 'aaa-01') return;
    world.onSend = async () => {};
    await service.onReport(gateway, reportOn(document, 'rejected', { code: 'LS-DOC-005' }));
  };
  service.request('aaa', 'operator');
  await clock.advance(10_000);
  assert.deepEqual(causes(), ['operator']);
  await clock.advance(5 * MINUTE);
  assert.deepEqual(causes(), ['operator', 'schedule']);
  await service.stop();
});

test('after a failed delivery neither that plan nor its predecessor is continued', async () => {
  const { clock, world, service, causes } = await still();
  world.readings['ev-1/wishedKw'] = 300;
  world.onSend = async ({ document }) => {
    if (document.type === 'plan') throw new Error('the broker is away');
  };
  await assert.rejects(clock.advance(5 * MINUTE));
  world.onSend = async () => {};
  world.readings['ev-1/wishedKw'] = 200;
  const before = causes().length;
  await clock.advance(5 * MINUTE);
  assert.deepEqual(causes().slice(before), ['schedule'], 'the stored plan is resent, but rests on outdated inputs');
  await service.stop();
});

test('a car that gives or advances its departure triggers a plan', async () => {
  const { clock, devices, causes, service } = await still();
  const car = { id: 'c1', energyDueKwh: 10, maxKw: 11, minKw: 0 };
  let sessions: SessionsNow['sessions'] = [car];
  devices.sessions = (_gateway, device) => (device === 'ev-1' ? { time: clock.plant.now(), sessions } : undefined);
  await clock.advance(5 * MINUTE);
  const begun = causes().length;
  sessions = [{ ...car, departure: clock.plant.now() + 50 * MINUTE }];
  await clock.advance(5 * MINUTE);
  assert.deepEqual(causes().slice(begun), ['sessions'], 'it states its departure');
  sessions = [car];
  await clock.advance(5 * MINUTE);
  assert.deepEqual(causes().slice(begun), ['sessions', 'sessions'], 'it stays longer');
  await service.stop();
});

test('a site known only as a total triggers a plan if it must finish earlier or needs more', async () => {
  const { clock, world, causes, service } = await still();
  world.readings['ev-1/energyDueKwh'] = 100;
  world.readings['ev-1/deadlineMs'] = clock.plant.now() + 100 * MINUTE;
  await clock.advance(35 * MINUTE);
  const begun = causes().length;
  await clock.advance(5 * MINUTE);
  assert.equal(causes().length, begun);
  world.readings['ev-1/deadlineMs'] = clock.plant.now() + 30 * MINUTE;
  await clock.advance(5 * MINUTE);
  assert.deepEqual(causes().slice(begun), ['sessions'], 'sooner');
  world.readings['ev-1/energyDueKwh'] = 160;
  await clock.advance(5 * MINUTE);
  assert.deepEqual(causes().slice(begun), ['sessions', 'sessions'], 'more');
  await service.stop();
});

test('another faulty meter in place of the first triggers a plan', async () => {
  const { clock, world, causes, service } = await still();
  const lies = (device: string) => (state: EstimateState) => ({
    ...state,
    findings: [{ device, finding: 'dead', since: 0, text: 'no answer' } satisfies MeterFinding],
  });
  world.estimate = lies('aaa-head-1');
  await clock.advance(5 * MINUTE);
  world.estimate = lies('aaa-head-2');
  await clock.advance(5 * MINUTE);
  assert.deepEqual(causes(), ['inputs', 'inputs']);
  await service.stop();
});

test('a plan whose steps no longer match the present ones is replaced', async () => {
  const { clock, world, causes, service } = await still();
  world.stepsS = [300, 300, 300, 300, 300, 300, 3600];
  await clock.advance(5 * MINUTE);
  assert.deepEqual(causes(), ['inputs']);
  await clock.advance(5 * MINUTE);
  assert.deepEqual(causes(), ['inputs'], 'once');
  await service.stop();
});

test('a round queries forecasts in proportion to the region', async () => {
  const asked: number[] = [];
  for (const count of [2, 4, 6]) {
    let forecasts = 0;
    const substations = Array.from({ length: count }, (_, at) => `s${at}`);
    const rig = await setUp({
      substations,
      forecast: (forecast) => {
        forecasts++;
        return forecast;
      },
    });
    await rig.clock.advance(5 * MINUTE);
    assert.equal(plansOf(rig.sent).length, count);
    forecasts = 0;
    await rig.clock.advance(5 * MINUTE);
    assert.equal(plansOf(rig.sent).length, count, 'nothing changed');
    asked.push(forecasts);
    await rig.service.stop();
  }
  const [two, four, six] = asked;
  assert.equal(six! - four!, four! - two!, `2, 4 and 6 substations: ${asked.join(', ')} forecasts`);
});
