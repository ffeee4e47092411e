import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Region } from '../../shared/contracts/region.ts';
import { doubted, type Sample } from '../../shared/contracts/sample.ts';
import type { FeederView, RegionView } from '../../shared/contracts/view.ts';
import { plantSpecs } from '../../simulators/region/inputs.ts';
import { buildRegion } from '../../simulators/region/region.ts';
import { RegionSim } from '../../simulators/sim/region-sim.ts';
import { Trace } from '../../simulators/sim/trace.ts';
import { buildApi } from '../api/app.ts';
import { fixtureDeps, openedPeople, TOKEN } from '../api/testing/api-fixture.ts';
import { feederView } from '../api/views/feeder-view.ts';
import { regionView } from '../api/views/region-view.ts';
import type { DrawnSources } from '../api/views/sources.ts';
import { apiViews } from '../compose/api-views.ts';
import { composeWriter } from '../compose/api-role.ts';
import { estimateInline } from '../estimate/compose-compute.ts';
import { ChangeFeed } from '../read-model/change-feed.ts';
import type { RoleNotice } from '../read-model/notice.ts';
import { ReadModel } from '../read-model/read-model.ts';
import { InfluxStore } from '../telemetry/influx-store.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import { Past } from './past.ts';
import { Recorder } from './recorder.ts';
import { InfluxRig } from '../telemetry/testing/influx-rig.ts';

const FEEDER = 'hfdp-2';
const START = Date.UTC(2021, 8, 25);
/** Interval between estimates, s. */
const EVERY_S = 60;

const influx = new InfluxRig('playback');

/** A past view knows of a frame only by what it draws. */
const DRAWN = new Set(['activePowerKw', 'reactivePowerKvar', 'voltagePu', 'socPct', 'tapPosition']);

interface Seen {
  readonly what: string;
  readonly at: number;
  readonly region: RegionView;
  readonly feeders: readonly FeederView[];
  /** Everything the views are drawn from except measurements. */
  readonly sources: DrawnSources;
  readonly gone: readonly string[];
}

/** A value as the cloud received it. */
interface HeardValue extends Sample {
  readonly series: string;
  readonly receivedAt: number;
}

type Answer = Record<string, unknown>;

/** Removes the fields that distinguish a past view from a live one. */
const plain = (view: unknown): unknown => {
  const {
    past: _past,
    recordedAt: _recorded,
    clock,
    substations,
    ...rest
  } = JSON.parse(JSON.stringify(view)) as Answer;
  if (substations === undefined) return rest;
  const each = (substations as Answer[]).map(plain);
  return { ...rest, plantTime: (clock as Answer)['plantTime'], substations: each };
};
/** Removes measurements and estimates; modes, control, switches, plans, links, alarms and setpoints remain. */
const unmeasured = (view: unknown): unknown =>
  JSON.parse(
    JSON.stringify(plain(view), (key, value: unknown) =>
      ['estimateFrom', 'lastFrame', 'nextMeters'].includes(key) ||
      (value !== null && Object.hasOwn(Object(value), 'quality'))
        ? undefined
        : value,
    ),
  );

test('playback shows moments as seen live: quiet, spike, manual mode, offline and online again', async (t) => {
  const remote = new InfluxStore({ url: influx.url, database: 'playback', create: true });
  await remote.open();
  const sim = new RegionSim({
    seed: 1,
    trace: new Trace(undefined, false),
    world: { region: buildRegion(['hfdp']), specs: plantSpecs(['hfdp']).map((spec) => ({ ...spec, meterFaults: {} })) },
    startMs: START,
    stepS: 1,
    estimateEveryS: EVERY_S,
    dispatchEveryS: 900,
    planStepsS: Array.from({ length: 12 }, () => 900),
    train: [],
    history: true,
    // Writes everything to InfluxDB as well.
    faultyStore: (store) =>
      Object.assign(Object.create(store) as TelemetryStore, {
        read: (query: Parameters<TelemetryStore['read']>[0]) => store.read(query),
        intervals: (query: Parameters<TelemetryStore['intervals']>[0]) => store.intervals(query),
        write: async (points: Parameters<TelemetryStore['write']>[0]) => {
          await remote.write(points);
          await store.write(points);
        },
      }),
  });
  t.after(() => remote.close());
  const { region, clock, stores } = sim;
  const { gateway, devices } = region.substations[0]!;
  const feeders = region.substations[0]!.network.feeders.map(({ id }) => id);
  await sim.start();
  const feed = new ChangeFeed<RoleNotice>();
  const onFailure = (error: unknown): never => {
    throw error;
  };
  const areas = { view: () => ({ held: [], absent: [], losses: [] }) };
  const access = { people: openedPeople() };
  const parts = { region, clock, role: sim.cloud, stores, parent: undefined, access, onFailure };
  const writer = composeWriter(parts, feed, areas);
  const recorderOf = () => new Recorder({ region, clock, feed, store: stores.moments, onFailure });
  const recorder = recorderOf();
  sim.cloud.subscribe((notice) => writer.tell(notice));
  writer.start();
  recorder.start();
  t.after(async () => {
    writer.stop();
    await recorder.stop();
  });
  const model = new ReadModel<RoleNotice>();
  const { views } = apiViews(model, region, clock);

  const { live } = sim.cloud;
  const heard: HeardValue[] = [];
  const apply = live.apply.bind(live);
  live.apply = (of, frame, arrival) => {
    for (const { metric, ...value } of frame.values)
      heard.push({ ...value, series: `${frame.device}/${metric}`, time: frame.time, receivedAt: arrival.receivedAt });
    apply(of, frame, arrival);
  };
  const world = region;
  const seen: Seen[] = [];
  const look = async (what: string): Promise<void> => {
    writer.look();
    // Numbers are recorded once a minute; a fresh recorder records them at once.
    await recorderOf().look();
    model.take(feed.since(model.position));
    const at = clock.plant.now();
    const region = structuredClone(views.region());
    const drawn = feeders.map((id) => structuredClone(views.feeder(id)!));
    const gone = [...live.devices(gateway)].filter((device) =>
      [...live.device(gateway, device).values()].some(({ staleSince }) => staleSince !== undefined),
    );
    seen.push({ what, at, region, feeders: drawn, gone, sources: sourcesOf(model, world, at) });
  };
  await sim.run(5 * EVERY_S);
  await look('quiet');
  await sim.run(EVERY_S - 15);
  sim.plant.plants[0]!.spike({ feeder: FEEDER, share: 1, durationS: 90 });
  await sim.run(15);
  await look('in a spike');
  const battery = devices.find(({ type }) => type === 'battery')!;
  const wish = {
    gateway,
    device: battery.id,
    setpoint: { activePowerKw: 100 },
    durationS: 3600,
    reason: 'test',
  };
  const { token } = await sim.cloud.desk.select('anna', wish);
  await sim.run(5);
  await sim.cloud.desk.operate('anna', token, wish);
  await sim.cloud.desk.acts.ask('anna', { kind: 'mode', target: 'feeder:hfdp-1', mode: 'manual' }, 'work on it');
  await sim.run(2 * EVERY_S - 5);
  await look('by hand');
  await sim.network.partition(gateway);
  await sim.run(4 * EVERY_S);
  await look('cut off');
  // Late frames arrive more than a minute late.
  await sim.run(2 * EVERY_S);
  sim.network.heal(gateway);
  await sim.run(10 * EVERY_S);
  await look('back again');

  const kinds = seen.map((each) => each.region.substations[0]!.control.map(({ kind }) => kind));
  assert.deepEqual(kinds[0], []);
  assert.ok(kinds[2]!.includes('override') && kinds[2]!.includes('manual'), `by hand: ${kinds[2]!.join()}`);
  assert.ok(kinds[2]!.includes('guard'), `the guard acts meanwhile: ${kinds[2]!.join()}`);
  const states = seen.map((each) => each.region.substations[0]!.link.state);
  assert.deepEqual(states, ['up', 'up', 'up', 'down', 'up']);
  const compute = estimateInline(region);
  /** The newest sample of each series that was measured before a moment and arrived within a minute. */
  const readingsAt = ({ at, gone }: Seen) => {
    const newest = new Map<string, HeardValue>();
    for (const each of heard) {
      const known = newest.get(each.series);
      const isThere = each.time < at && each.receivedAt <= at + 60_000;
      if (isThere && (known === undefined || each.time >= known.time)) newest.set(each.series, each);
    }
    const readings = new Map<string, Record<string, Sample>>();
    for (const { series, receivedAt: _at, ...sample } of newest.values()) {
      const [device = '', metric = ''] = series.split('/');
      const quality = gone.includes(device) ? doubted(sample.quality) : sample.quality;
      readings.set(device, { ...readings.get(device), [metric]: { ...sample, quality } });
    }
    return readings;
  };

  let compared = 0;
  for (const [name, store] of [
    ['SQLite', sim.store],
    ['InfluxDB', new InfluxStore({ url: influx.url, database: 'playback', receivedAt: stores.ledger })],
  ] as const) {
    const past = new Past({
      region,
      store,
      moments: stores.moments,
      estimate: (task) => sim.cloud.estimates.replay(task),
      speed: () => 1,
    });
    const { app } = await buildApi(
      fixtureDeps({
        region,
        clock,
        vintages: stores.forecasts,
        own: { grid: { past: (query) => past.of(query) } },
      }),
    );
    const get = async (path: string) => {
      const headers = { authorization: `Bearer ${TOKEN}`, host: 'localhost' };
      const answer = await app.inject({ method: 'GET', url: path, headers });
      return { status: answer.statusCode, body: answer.json() };
    };
    for (const each of seen) {
      const { what, at, sources } = each;
      const time = encodeURIComponent(new Date(at).toISOString());
      const readings = readingsAt(each);
      const state = await compute.run('replay', {
        substation: 'hfdp',
        time: at,
        speed: 1,
        readings,
        findings: sources.findings('hfdp'),
        exchange: undefined,
      });
      const then: DrawnSources = {
        ...sources,
        live: (_gateway, device, metric) => readings.get(device)?.[metric],
        estimate: () => ({ ...state, everyS: EVERY_S }),
        link: (of) => ({
          ...sources.link(of),
          lastFrame: Math.max(
            ...[...readings.values()].flatMap((of) =>
              Object.entries(of).map(([metric, { time: at }]) => (DRAWN.has(metric) ? at : 0)),
            ),
          ),
        }),
      };
      const area = await get(`/v1/view/region?at=${time}`);
      assert.deepEqual(unmeasured(area.body), unmeasured(each.region), `${name}, ${what}: the area as shown`);
      assert.deepEqual(plain(area.body), plain(regionView(then)), `${name}, ${what}: overview`);
      for (const shown of each.feeders) {
        const of = `${name}, ${what}: ${shown.id}`;
        const answer = await get(`/v1/view/feeders/${shown.id}?at=${time}`);
        const { control, ...body } = answer.body as FeederView;
        assert.deepEqual(control, JSON.parse(JSON.stringify(each.region.substations[0]!.control)), of);
        assert.deepEqual([body.past, body.recordedAt], [true, at]);
        assert.deepEqual(unmeasured(body), unmeasured(shown), `${of}, as shown`);
        assert.deepEqual(plain(body), plain(feederView(region.substations[0]!, shown.id, then)), of);
        // Values that were not in transit at that moment match what the operator saw.
        for (const { id, activePowerKw: seenThen } of shown.devices) {
          const { activePowerKw: again } = body.devices.find((device) => device.id === id)!;
          if (again.time === seenThen.time)
            assert.deepEqual(again, JSON.parse(JSON.stringify(seenThen)), `${of}, ${id}`);
          else assert.ok(again.time! > seenThen.time! && again.time! < at, `${of}, ${id} was on its way`);
          compared += Number(again.time === seenThen.time);
        }
      }
    }
    await app.close();
  }
  assert.ok(compared > 80, `${compared} values of devices are as the desk saw them`);
  await sim.stop();
});

/** A frozen copy of the current entries. */
function sourcesOf(model: ReadModel<RoleNotice>, region: Region, at: number): DrawnSources {
  const { gateway, id } = region.substations[0]!;
  const link = model.get('link', gateway)!;
  const health = model.get('health', gateway);
  const [forecast, plan] = [model.get('forecast', `substation:${id}`), model.get('plan', id)];
  const [findings, overrides] = [model.get('findings', id) ?? [], model.get('overrides') ?? []];
  const alarms = model.get('alarmCount', gateway) ?? 0;
  return {
    region,
    plantNow: () => at,
    clock: () => ({ speed: 1, speedReached: 1, simulated: false }),
    live: () => undefined,
    estimate: () => undefined,
    findings: () => findings,
    link: () => link,
    health: () => health,
    forecast: () => forecast,
    plan: () => plan,
    overrides: () => overrides,
    activeAlarms: () => alarms,
  };
}
