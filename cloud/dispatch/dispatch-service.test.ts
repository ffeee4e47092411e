import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateSigningKey, verifyDocument } from '../../shared/codec/signed-document.ts';
import type { DesiredDocument } from '../../shared/contracts/document.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import type { TopicName } from '../../shared/topics/topics.ts';
import type { EstimateState } from '../estimate/state.ts';
import { dispatchInline } from './compose-compute.ts';
import { DispatchService } from './dispatch-service.ts';
import { DocumentStore } from './document-store.ts';
import type { LyingMeters } from './gateway-settings.ts';
import { health } from '../dashboard/testing/fixture-reports.ts';
import { testDevices, testEstimate, testForecast, testRegion, usualReadings } from './testing/fixture.ts';

const start = Date.UTC(2021, 8, 25, 10, 1);
const keys = await generateSigningKey();
const compute = dispatchInline();

interface Sent {
  readonly gateway: string;
  readonly topic: TopicName;
  readonly document: DesiredDocument;
}

async function setUp(
  over: {
    store?: DocumentStore;
    estimate?: (state: EstimateState) => EstimateState | undefined;
    meters?: (gateway: string) => LyingMeters;
  } = {},
) {
  const clock = new VirtualClock(start);
  const region = testRegion('aaa', 'bbb');
  const store = over.store ?? new DocumentStore(':memory:');
  store.open();
  const sent: Sent[] = [];
  const events: LoadstoneEvent[] = [];
  const devices = testDevices(usualReadings, () => clock.plant.now());
  const service = new DispatchService({
    region,
    clock,
    store,
    compute,
    devices,
    key: keys.privateKey,
    estimates: {
      state: (id) => {
        const state = testEstimate(
          region.substations.find((one) => one.id === id)!,
          clock.plant.now(),
        );
        return over.estimate === undefined ? state : over.estimate(state);
      },
    },
    forecasts: {
      // Uncontrolled: loads of 1,200 kW each; on the first feeder the sun gives 800 kW, on the second EVs wish for 200 kW beside it.
      newest: (target) =>
        testForecast(target, start, target.startsWith('substation') ? 1600 : target.endsWith('-1') ? 400 : 1200),
    },
    send: async (gateway, topic, payload) => {
      const document = await verifyDocument(new TextDecoder().decode(payload), [keys.publicKey]);
      assert.ok(document.ok, 'what is sent verifies');
      sent.push({ gateway, topic, document: document.value });
    },
    everyS: 300,
    everyFastS: 900,
    workers: 1,
    stepsS: () => [900, 900, 3600, 3600],
    meters: over.meters,
    report: (event) => events.push(event),
  });
  service.start();
  return { clock, service, store, sent, events, devices };
}

const plansOf = (sent: readonly Sent[]) =>
  sent.flatMap(({ document, gateway }) => (document.type === 'plan' ? [{ gateway, document }] : []));

const settingsOf = (sent: readonly Sent[], of: string) =>
  sent.flatMap(({ document, gateway }) => (document.type === 'settings' && gateway === of ? [document] : []));

const reportOn = (
  document: DesiredDocument,
  stage: DocumentReport['stage'],
  more: Partial<DocumentReport> = {},
): DocumentReport => ({
  version: 1,
  type: document.type,
  id: 'id' in document.body ? document.body.id : `${document.type}-${document.gateway}`,
  epoch: document.epoch,
  sequence: document.sequence,
  stage,
  time: start,
  ...more,
});

test('each substation gets a signed plan each 5 min of plant time, numbered upwards', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(15 * 60_000);
  const plans = plansOf(sent);
  assert.deepEqual(
    plans.map(({ gateway }) => gateway),
    ['aaa-01', 'bbb-01', 'aaa-01', 'bbb-01', 'aaa-01', 'bbb-01'],
  );
  assert.deepEqual(
    plans.filter(({ gateway }) => gateway === 'aaa-01').map(({ document }) => document.sequence),
    [1, 2, 3],
  );
  const { body } = plans[0]!.document;
  assert.equal(body.status, 'optimal');
  assert.equal(body.trigger, 'schedule');
  assert.equal(body.assumptions.topologyVersion, 3);
  assert.deepEqual(
    body.devices.map(({ device }) => device),
    ['pv-1', 'battery-1', 'ev-1', 'tap-1'],
  );
  assert.deepEqual(
    body.expected.map(({ element }) => element),
    ['transformer', 'aaa-1', 'aaa-2'],
  );
  for (const [head, kw] of [
    [1, 400],
    [2, 1200],
  ] as const)
    for (const [step, expected] of body.expected[head]!.activePowerKw.entries())
      assert.ok(Math.abs(expected - kw - body.expected[head]!.devicesKw![step]!) < 60, `head ${head}: ${expected} kW`);
  assert.deepEqual(
    body.expected[0]!.devicesKw,
    body.expected[1]!.devicesKw!.map((kw, step) => Math.round(10 * (kw + body.expected[2]!.devicesKw![step]!)) / 10),
  );
  assert.ok(
    body.expected[2]!.devicesKw!.some((kw) => kw > 100),
    'charging comes on top of the uncontrolled load',
  );
  assert.equal(service.planFor('aaa-2')?.plan.id, plans.at(-2)!.document.body.id);
  await service.stop();
});

test("the region's limit is shared out in the settings, once while it stays", async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(30 * 60_000);
  const settings = sent.filter(({ topic }) => topic === 'desiredSettings');
  assert.equal(settings.length, 2);
  assert.deepEqual(settings[0]!.document.body, { gridLimit: { importKw: 5000, exportKw: 5000 } });
  await service.stop();
});

test('a gateway that waits for a limit after its fail-safe is told the one in force again, once', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(10 * 60_000);
  const settings = () => sent.filter(({ topic, gateway }) => topic === 'desiredSettings' && gateway === 'aaa-01');
  const before = settings();
  await service.onReport('aaa-01', reportOn(before.at(-1)!.document, 'accepted'));
  const { epoch, sequence } = plansOf(sent).findLast(({ gateway }) => gateway === 'aaa-01')!.document;
  const report = health('aaa', clock.plant.now(), 0);
  const waiting = { ...report, plan: { ...report.plan, epoch, sequence }, awaitsGridLimit: true };
  for (let tries = 0; tries < 3; tries++) await service.onHealth('aaa-01', waiting);
  const [again, ...more] = settings().slice(before.length);
  const last = before.at(-1)!.document;
  assert.deepEqual([again?.document.body, more.length], [last.body, 0]);
  assert.ok(again!.document.sequence > last.sequence, 'a new document: the old one is not taken twice');
  await clock.advance(60_000);
  await service.onHealth('aaa-01', { ...waiting, awaitsGridLimit: false });
  assert.equal(
    settings().at(-1)!.document.sequence,
    again!.document.sequence,
    'and no further one where it does not wait',
  );
  await service.stop();
});

test('a meter that lies is told as soon as it is known, signed, before there is a plan, and again to a gateway that was not there', async () => {
  const { clock, sent, service } = await setUp({
    meters: (gateway): LyingMeters => (gateway === 'aaa-01' ? { transformer: 'reversed' } : {}),
  });
  await clock.advance(100);
  assert.deepEqual(
    sent.map(({ gateway, document }) => [gateway, document.type, document.body]),
    [['aaa-01', 'settings', { meters: { transformer: 'reversed' } }]],
  );
  await service.onBorn('aaa-01');
  await service.onBorn('bbb-01');
  assert.deepEqual(sent.slice(1), [sent[0]], 'the same bytes: nobody had heard them');
  await service.onReport('aaa-01', reportOn(sent[0]!.document, 'accepted'));
  await service.onBorn('aaa-01');
  assert.equal(sent.length, 2, 'not to who has it');
  await clock.advance(10 * 60_000);
  assert.deepEqual(
    settingsOf(sent.slice(2), 'aaa-01').map(({ body }) => body),
    [{ gridLimit: { importKw: 5000, exportKw: 5000 }, meters: { transformer: 'reversed' } }],
  );
  await service.stop();
});

test('a gateway that could not take in time what was told of its meters is told anew when it is born', async () => {
  const { clock, sent, service } = await setUp({
    estimate: () => undefined,
    meters: () => ({ transformer: 'reversed' }),
  });
  await clock.advance(10 * 60_000);
  const [first, ...more] = settingsOf(sent, 'aaa-01');
  assert.equal(more.length, 0, 'not over and over to who is not there');
  await service.stop();
  await clock.advance(first!.acceptUntil - clock.plant.now());
  await service.onBorn('aaa-01');
  const again = settingsOf(sent, 'aaa-01').at(-1)!;
  assert.deepEqual([again.sequence, again.body], [first!.sequence + 1, first!.body]);
  assert.ok(again.acceptUntil > clock.plant.now());
});

test('a finding that is made or taken back is told at once, with the limit in force for as long as that holds', async () => {
  let meters: LyingMeters = {};
  const { clock, sent, service } = await setUp({ meters: () => meters });
  await clock.advance(10 * 60_000);
  const [limit] = settingsOf(sent, 'aaa-01');
  const plans = plansOf(sent).length;
  for (const found of [{ 'aaa-1': 'reversed' }, {}] as const) {
    meters = found;
    service.onMeters('aaa-01');
    service.onMeters('aaa-01');
    await clock.advance(100);
    const told = settingsOf(sent, 'aaa-01').at(-1)!;
    assert.deepEqual([told.body, told.validUntil], [{ ...limit!.body, meters: found }, limit!.validUntil]);
  }
  assert.deepEqual(
    [settingsOf(sent, 'aaa-01').length, plansOf(sent).length],
    [3, plans],
    'each once, and no plan for it',
  );
  await service.stop();
});

test('events become one plan within seconds; a failed assumption asks for one', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(5 * 60_000);
  const before = plansOf(sent).length;
  service.onSpike('aaa-01');
  service.onSpike('aaa-01');
  await clock.advance(10_000);
  assert.deepEqual(
    plansOf(sent)
      .slice(before)
      .map(({ document }) => document.body.trigger),
    ['spike'],
  );
  await service.onReport(
    'bbb-01',
    reportOn(plansOf(sent)[1]!.document, 'assumption-failed', { detail: 'head out of its band' }),
  );
  await service.onReport('bbb-01', reportOn(plansOf(sent)[1]!.document, 'assumption-failed'));
  await clock.advance(10_000);
  assert.deepEqual(
    plansOf(sent)
      .slice(before + 1)
      .map(({ gateway }) => gateway),
    ['bbb-01'],
  );
  await service.stop();
});

test('a plan tells its way, each stage once', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(5 * 60_000);
  const { document } = plansOf(sent)[0]!;
  for (const stage of ['received', 'accepted', 'accepted', 'applied'] as const)
    await service.onReport('aaa-01', reportOn(document, stage));
  assert.deepEqual(
    service.planFor('aaa')!.stages.map(({ stage }) => stage),
    ['received', 'accepted', 'applied'],
  );
  await service.stop();
});

test('a gateway that is born gets again what it has not accepted, the same bytes, and nothing else', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(5 * 60_000);
  await service.onReport('bbb-01', reportOn(plansOf(sent)[1]!.document, 'accepted'));
  for (const settings of sent.filter(({ topic }) => topic === 'desiredSettings'))
    await service.onReport(settings.gateway, reportOn(settings.document, 'accepted'));
  await clock.advance(60_000);
  const before = sent.length;
  await service.onBorn('aaa-01');
  await service.onBorn('bbb-01');
  assert.deepEqual(sent.slice(before), [sent[0]]);
  await service.stop();
});

test('how a command ended is asked for where its report was lost; what may still act is not sent a second time', async () => {
  const { clock, sent, service } = await setUp();
  const give = async (id: string, kind: 'override' | 'stop', forS: number) => {
    const expiresAt = clock.plant.now() + forS * 1000;
    const setpoint = kind === 'override' ? { setpoint: { activePowerKw: 5 } } : {};
    const given = await service.sendCommand('aaa-01', {
      id,
      kind,
      device: 'battery-1',
      ...setpoint,
      reason: 'test',
      user: 'anna',
      expiresAt,
    });
    assert.ok(given.ok, JSON.stringify(given));
    return given.value;
  };
  const standing = await give('it-stands', 'override', 3600);
  const lost = await give('end-lost', 'override', 120);
  await give('never-came', 'override', 120);
  const stop = await give('was-stopped', 'stop', 120);
  for (const document of [standing, lost, stop])
    for (const stage of ['accepted', 'applied'] as const) await service.onReport('aaa-01', reportOn(document, stage));
  const commands = () => sent.flatMap(({ document }) => (document.type === 'command' ? [document.body.id] : []));
  const before = commands().length;
  await clock.advance(60_000);
  await service.onBorn('aaa-01');
  const early = commands().slice(before);
  await clock.advance(90_000);
  await service.onBorn('aaa-01');
  assert.deepEqual(commands().slice(before).toSorted(), ['end-lost', 'never-came'], early.join());
  await service.onReport('aaa-01', reportOn(lost, 'completed'));
  await clock.advance(60_000);
  await service.onHealth('aaa-01', health('aaa', clock.plant.now(), 0));
  assert.deepEqual(commands().slice(before + 2), ['never-came'], 'until it is told, with the health too');
  await service.stop();
});

test('a gateway that holds a number which a restored store does not know gets the document again, in a higher epoch', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(5 * 60_000);
  const refused = plansOf(sent)[0]!.document;
  await service.onReport('aaa-01', reportOn(refused, 'rejected', { code: 'LS-DOC-002' }));
  const again = plansOf(sent).at(-1)!.document;
  assert.deepEqual([again.epoch, again.body.id], [refused.epoch + 1, refused.body.id]);
  await service.onReport('aaa-01', reportOn(again, 'rejected', { code: 'LS-DOC-002' }));
  assert.equal(plansOf(sent).at(-1)!.document, again, 'not over and over');
  await clock.advance(5 * 60_000);
  assert.ok(
    plansOf(sent)
      .slice(-2)
      .every(({ document }) => document.epoch === again.epoch),
  );
  await service.stop();
});

test('without an estimate there are only envelopes, and one alarm that ends when it is back', async () => {
  let blind = true;
  const { clock, sent, events, service } = await setUp({ estimate: (state) => (blind ? undefined : state) });
  await clock.advance(14 * 60_000);
  assert.deepEqual([plansOf(sent).length, events.length], [0, 0], 'the first estimate is waited for without noise');
  await clock.advance(6 * 60_000);
  const { body } = plansOf(sent)[0]!.document;
  assert.equal(body.status, 'envelopes-only');
  assert.deepEqual(body.devices.find(({ device }) => device === 'pv-1')!.envelope![0], { minKw: -750, maxKw: 0 });
  blind = false;
  await clock.advance(5 * 60_000);
  assert.deepEqual(
    events.filter(({ text }) => text.startsWith('AAA')).map(({ code, active }) => [code, active]),
    [
      ['LS-OPT-004', true],
      ['LS-OPT-004', false],
    ],
  );
  await service.stop();
});

test('the first plan follows the first estimate, not the next turn', async () => {
  let blind = true;
  const { clock, sent, service } = await setUp({ estimate: (state) => (blind ? undefined : state) });
  await clock.advance(5 * 60_000 + 20_000);
  assert.equal(plansOf(sent).length, 0);
  blind = false;
  await clock.advance(30_000);
  const plans = plansOf(sent).map(({ document }) => document);
  assert.equal(new Set(plans.map(({ gateway }) => gateway)).size, plans.length, 'one plan each');
  assert.ok(plans.length > 0 && plans.every(({ body }) => body.status !== 'envelopes-only'));
  await service.stop();
});

test('a lost device is counted at its fallback, named, and not counted on', async () => {
  const { clock, sent, devices, service } = await setUp();
  devices.lost.add('pv-1');
  await clock.advance(5 * 60_000);
  const { body } = plansOf(sent)[0]!.document;
  assert.ok(!body.assumptions.devices.includes('pv-1'));
  assert.ok(body.assumptions.substitutions.some((text) => text.includes('pv-1') && text.includes('-750 kW')));
  await service.stop();
});

test('a command of the same id is the same document', async () => {
  const { sent, service } = await setUp();
  const body = {
    id: 'cmd-00000001',
    kind: 'override' as const,
    device: 'battery-1',
    setpoint: { activePowerKw: -100 },
    reason: 'test',
    user: 'anna',
    expiresAt: start + 3_600_000,
  };
  const first = await service.sendCommand('aaa-01', body);
  const second = await service.sendCommand('aaa-01', body);
  assert.ok(first.ok && second.ok);
  assert.deepEqual(sent[0], sent[1]);
  assert.ok(!(await service.sendCommand('bbb-01', body)).ok);
  assert.ok(!(await service.sendCommand('aaa-01', { ...body, id: 'cmd-00000002', expiresAt: start })).ok);
  await service.stop();
});

test('the same command given twice at once is one document, and so are its bytes', async () => {
  const { sent, service } = await setUp();
  const body = {
    id: 'cmd-00000003',
    kind: 'stop' as const,
    reason: 'test',
    user: 'anna',
    expiresAt: start + 3_600_000,
  };
  const [first, second] = await Promise.all([service.sendCommand('aaa-01', body), service.sendCommand('aaa-01', body)]);
  assert.deepEqual(first, second);
  assert.equal(sent.length, 2);
  assert.deepEqual(sent[0], sent[1]);
  await service.stop();
});

test('two runs on virtual time are the same', async () => {
  const run = async (): Promise<unknown> => {
    const { clock, sent, service } = await setUp();
    await clock.advance(10 * 60_000);
    await service.stop();
    return sent;
  };
  assert.deepEqual(await run(), await run());
});
