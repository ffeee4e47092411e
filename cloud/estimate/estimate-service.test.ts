import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventText } from '../../shared/sentences/event-forms.ts';
import { events as dutch } from '../../shared/sentences/nl/events.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { Region } from '../../shared/contracts/region.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { testRegion, testSubstation } from '../plan/testing/fixture.ts';
import { gaussian, SeededRandom } from '../../shared/ports/random.ts';
import { SqliteDocumentStore } from '../plan/send/sqlite-document-store.ts';
import { sentFindings } from '../plan/send/gateway-settings.ts';
import { LiveState } from '../telemetry/live.ts';
import { SqliteStore } from '../telemetry/sqlite-store.ts';
import { estimateInline } from './compose-compute.ts';
import { EstimateService } from './estimate-service.ts';
import { faultyMeters } from './faulty-meters.ts';
import type { MeterFinding } from './state.ts';

const START = Date.UTC(2021, 8, 25, 10);
const STEP_MS = 900_000;

/** A substation with a meter at its transformer. */
const meteredSubstation = (id: string): Region['substations'][number] => ({
  ...testSubstation(id),
  meters: [{ kind: 'transformer', element: `${id}-t1`, device: 'transformer', errorPct: 1, intervalS: 1 }],
});

const meteredRegion = (): Region => ({ ...testRegion('owd'), substations: [meteredSubstation('owd')] });

test('a store that is down at the start is queried again before the first estimate', async () => {
  const clock = new VirtualClock(START);
  const live = new LiveState();
  const store = new SqliteStore({ path: ':memory:' });
  await store.open();
  const region = meteredRegion();
  let isAway = true;
  const service = new EstimateService({
    region,
    clock,
    live,
    store: {
      intervals: async (query) => {
        if (isAway) throw new LoadstoneError('LS-STORE-001', 'the store does not answer');
        return store.intervals(query);
      },
    },
    compute: estimateInline(region),
    everyS: 1,
    sentFindings: async () => undefined,
    onEvent: () => undefined,
    onFindings: () => undefined,
  });
  await service.start();
  const read = async (): Promise<void> => {
    const value = { metric: 'activePowerKw', value: 900, quality: 'good', origin: 'measured' } as const;
    const time = clock.plant.now();
    live.apply('owd-01', { device: 'transformer', time, values: [value] }, { receivedAt: time, historical: false });
    await clock.advance(1000);
  };
  await read();
  assert.equal(service.state('owd'), undefined);
  isAway = false;
  await read();
  assert.notEqual(service.state('owd'), undefined);
  service.stop();
  await store.close();
});

test('a meter found faulty in its history is known before the first reading, and recovers', async () => {
  const clock = new VirtualClock(START);
  const live = new LiveState();
  const store = new SqliteStore({ path: ':memory:' });
  await store.open();
  const series = { gateway: 'owd-01', device: 'transformer', metric: 'activePowerKw' } as const;
  await store.write(
    Array.from({ length: 2 * 96 }, (_, step) => ({
      series,
      time: START - (step + 1) * STEP_MS,
      offset: step,
      value: 0,
      quality: 'good' as const,
      origin: 'measured' as const,
    })),
  );
  const region = meteredRegion();
  const announced: (readonly [gateway: string, findings: readonly string[]])[] = [];
  const events: LoadstoneEvent[] = [];
  const service = new EstimateService({
    region,
    clock,
    live,
    store,
    compute: estimateInline(region),
    everyS: 1,
    sentFindings: async () => undefined,
    onEvent: (_gateway, event) => events.push(event),
    onFindings: (gateway) =>
      announced.push([
        gateway,
        service.findingsOfGateway(gateway).map(({ device, finding }) => `${device} ${finding}`),
      ]),
  });
  await service.start();
  assert.deepEqual(announced, [['owd-01', ['transformer dead']]]);
  for (const kw of [0, 0, 900, 905]) {
    const value = { metric: 'activePowerKw', value: kw, quality: 'good', origin: 'measured' } as const;
    const time = clock.plant.now();
    live.apply('owd-01', { device: 'transformer', time, values: [value] }, { receivedAt: time, historical: false });
    await clock.advance(1000);
  }
  assert.deepEqual(announced.slice(1), [['owd-01', []]]);
  assert.deepEqual(
    events.map(({ code, active }) => [code, active]),
    [
      ['LS-METER-001', true],
      ['LS-METER-001', false],
    ],
  );
  const inDutch = (event: LoadstoneEvent): string =>
    eventText(event, { own: dutch, number: (text) => text.replace('.', ','), time: (text) => text });
  assert.match(
    inDutch(events[0]!),
    /^transformer: meet \d+ h lang 0,0 tot 0,0 kW, binnen [\d,]+ % van de nominale waarde;/,
    events[0]!.text,
  );
  assert.equal(inDutch(events[1]!), 'transformer past weer bij de andere');
  service.stop();
  await store.close();
});

test('a meter found faulty live stays known after kill -9 until readings clear it; old history does not restore it', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'loadstone-meters-')), 'documents.sqlite');
  const point = (device: string, kind: 'transformer' | 'feeder-head' | 'terminal') => ({
    kind,
    element: device,
    device,
    errorPct: 1,
    intervalS: 1,
  });
  const station = testSubstation('owd');
  const battery = station.devices.find(({ type }) => type === 'battery')!.id;
  const meters = [point('transformer', 'transformer'), point('feeder-1', 'feeder-head'), point(battery, 'terminal')];
  const region = { ...testRegion('owd'), substations: [{ ...station, meters }] };
  const store = new SqliteStore({ path: ':memory:' });
  await store.open();
  /** Keeps the findings in a document, as the dispatcher does; the file stays open, as after a kill. */
  const started = async () => {
    const clock = new VirtualClock(START);
    const documents = new SqliteDocumentStore(path);
    documents.open();
    const live = new LiveState();
    const random = new SeededRandom(3, 'meters');
    let [kw, head] = [0, 900];
    const service: EstimateService = new EstimateService({
      region,
      clock,
      live,
      store,
      compute: estimateInline(region),
      everyS: 1,
      sentFindings: (gateway) => sentFindings(documents, gateway),
      onEvent: () => undefined,
      onFindings: (gateway) => {
        const time = clock.plant.now();
        const body = { meters: faultyMeters(service.findingsOfGateway(gateway)) };
        const ends = { issuedAt: time, acceptUntil: time + 1, validFrom: time, validUntil: time + 1 };
        void documents.add<'settings'>({ type: 'settings', version: 1, gateway, ...ends, body });
      },
    });
    await service.start();
    const found = () => service.findingsOfGateway('owd-01').map(({ device, finding }) => `${device} ${finding}`);
    return {
      found,
      documents,
      counted: (at: number) => service.countSince('owd-01', { transformer: at }),
      run: async (seconds: number, sign: 1 | -1) => {
        for (let second = 0; second < seconds; second++) {
          head += 6 * gaussian(random);
          kw = sign * (head + gaussian(random));
          const time = clock.plant.now();
          for (const [device, value] of [
            ['transformer', kw],
            ['feeder-1', head],
          ] as const) {
            const power = { metric: 'activePowerKw', value, quality: 'good', origin: 'measured' } as const;
            live.apply('owd-01', { device, time, values: [power] }, { receivedAt: time, historical: false });
          }
          await clock.advance(1000);
        }
        return found();
      },
      stop: () => service.stop(),
    };
  };
  const first = await started();
  assert.deepEqual(first.found(), []);
  assert.deepEqual(await first.run(300, -1), ['transformer reversed']);
  const second = await started();
  assert.deepEqual(second.found(), ['transformer reversed'], 'known before the first reading');
  assert.deepEqual(await second.run(20, -1), ['transformer reversed'], 'it stays while there are too few readings');
  const third = await started();
  assert.deepEqual(await third.run(300, 1), [], 'it was repaired meanwhile');
  const fourth = await started();
  assert.deepEqual(fourth.found(), []);
  // The gateway corrects the sign while the finding stands: no reading has to refute it.
  assert.deepEqual(await fourth.run(300, -1), ['transformer reversed']);
  fourth.counted(START + 300_000);
  assert.deepEqual(fourth.found(), []);
  assert.deepEqual(await fourth.run(20, -1), [], 'readings under the old sign no longer count');
  assert.deepEqual(await fourth.run(300, -1), ['transformer reversed'], 'a sign that is wrong again is found');
  fourth.counted(START + 300_000);
  assert.deepEqual(fourth.found(), ['transformer reversed'], 'a repeated report does not clear it');
  fourth.stop();
  // A cloud that was down during the correction resumes its own finding and drops it on the gateway's report.
  const fifth = await started();
  assert.deepEqual(fifth.found(), ['transformer reversed']);
  fifth.counted(START + 1000);
  assert.deepEqual([fifth.found(), await fifth.run(20, -1)], [[], []]);
  assert.deepEqual(await fifth.run(300, -1), ['transformer reversed'], 'the sign is wrong again');
  fifth.counted(START + 2000);
  assert.deepEqual(fifth.found(), ['transformer reversed'], 'a report older than the finding does not clear it');
  fifth.counted(START + 400_000);
  assert.deepEqual([fifth.found(), await fifth.run(20, 1)], [[], []]);
  for (const each of [first, second, third, fifth]) each.stop();
  for (const { documents } of [first, second, third, fourth, fifth]) documents.close();
  await store.close();
});

test('meter histories are read four at a time, and findings are reported in the order of the substations', async () => {
  const clock = new VirtualClock(START);
  const ids = ['aaa', 'bbb', 'ccc', 'ddd', 'eee', 'fff'];
  const region = { ...meteredRegion(), substations: ids.map((id) => meteredSubstation(id)) };
  let [reading, most] = [0, 0];
  const reported: string[] = [];
  const service = new EstimateService({
    region,
    clock,
    live: new LiveState(),
    store: {
      intervals: async ({ series, start, end }) => {
        most = Math.max(most, ++reading);
        // The first requests are answered last.
        for (let turn = ids.length - ids.indexOf(series[0]!.gateway.slice(0, 3)); turn > 0; turn--)
          await new Promise(setImmediate);
        reading--;
        const dead = { mean: 0, min: 0, max: 0, coverage: 1, quality: 'good' } as const;
        const count = (end - start) / STEP_MS;
        return series.map(() => Array.from({ length: count }, (_, at) => ({ start: start + at * STEP_MS, ...dead })));
      },
    },
    compute: estimateInline(region),
    everyS: 60,
    sentFindings: async () => undefined,
    onEvent: (gateway, { code }) => void reported.push(`${gateway} ${code}`),
    onFindings: () => undefined,
  });
  await service.start();
  service.stop();
  assert.equal(most, 4);
  assert.deepEqual(
    reported,
    ids.map((id) => `${id}-01 LS-METER-001`),
  );
});

test('the alarm of a meter with two faulty channels stands while either is faulty', async () => {
  const clock = new VirtualClock(START);
  const live = new LiveState();
  const region = meteredRegion();
  const compute = estimateInline(region);
  const found = (channel: 'power' | 'voltage') =>
    ({ device: 'feeder-1', finding: 'gross-error', channel, since: START, text: `its ${channel} is off` }) as const;
  let findings: readonly MeterFinding[] = [];
  const states: (boolean | undefined)[] = [];
  const service = new EstimateService({
    region,
    clock,
    live,
    store: { intervals: async () => [] },
    compute: {
      ...compute,
      run: async (name, input) => ({ ...((await compute.run(name, input)) as object), findings }) as never,
    },
    everyS: 1,
    sentFindings: async () => undefined,
    onEvent: (_gateway, { kind, active }) => kind === 'alarm' && states.push(active),
    onFindings: () => undefined,
  });
  await service.start();
  const value = { metric: 'activePowerKw', value: 900, quality: 'good', origin: 'measured' } as const;
  const time = clock.plant.now();
  live.apply('owd-01', { device: 'transformer', time, values: [value] }, { receivedAt: time, historical: false });
  for (const next of [[found('voltage')], [found('power')], [found('power'), found('voltage')], [found('power')], []]) {
    findings = next;
    await clock.advance(1000);
  }
  assert.deepEqual(states.at(-1), false);
  assert.equal(states.filter((active) => active === false).length, 1);
  service.stop();
});
