import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { health } from '../../dashboard/testing/fixture-reports.ts';
import { compute, plansOf, reportOn, setUp, start } from '../testing/dispatch-rig.ts';

test('each substation gets a signed plan of rising sequence every half hour when nothing changes', async () => {
  const { clock, sent, service, store } = await setUp();
  await clock.advance(65 * 60_000);
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
  const stored = (await store.newest('plan', 'aaa-01'))!.document;
  assert.ok(stored.type === 'plan');
  const { expected: courses } = stored.body;
  assert.deepEqual(
    courses.map(({ element }) => element),
    ['transformer', 'aaa-1', 'aaa-2'],
  );
  for (const [head, kw] of [
    [1, 400],
    [2, 1200],
  ] as const)
    for (const [step, expected] of courses[head]!.activePowerKw.entries())
      assert.ok(Math.abs(expected - kw - courses[head]!.devicesKw![step]!) < 60, `head ${head}: ${expected} kW`);
  assert.deepEqual(
    courses[0]!.devicesKw,
    courses[1]!.devicesKw!.map((kw, step) => Math.round(10 * (kw + courses[2]!.devicesKw![step]!)) / 10),
  );
  assert.ok(
    courses[2]!.devicesKw!.some((kw) => kw > 100),
    'charging comes on top of the uncontrolled load',
  );
  assert.equal(service.planFor('aaa-2')?.plan.id, plans.at(-2)!.document.body.id);
  await service.stop();
});

test('a substation with the longest id gets its plans', async () => {
  const id = 'north-'.repeat(10);
  const { clock, sent, service } = await setUp({ substations: [id] });
  await clock.advance(5 * 60_000);
  assert.deepEqual(
    plansOf(sent).map(({ document }) => document.body.substation),
    [id],
  );
  await service.stop();
});

test('a burst of events gives one plan within seconds, and so does a failed assumption', async () => {
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

test('a new gateway is planned once its devices have reported, or after five minutes without those missing', async () => {
  const { clock, sent, devices, service } = await setUp();
  const plans = () =>
    // What a gateway holds is sent again when it comes up.
    [...new Map(plansOf(sent).map(({ document }) => [document.body.id, document.body])).values()].filter(
      ({ trigger }) => trigger === 'gateway-born',
    );
  devices.unheard.add('battery-1');
  await service.onBorn('aaa-01');
  await clock.advance(60_000);
  assert.equal(plans().length, 0);
  devices.unheard.clear();
  await clock.advance(6_000);
  assert.deepEqual(
    plans().map(({ assumptions }) => assumptions.devices.includes('battery-1')),
    [true],
  );
  devices.unheard.add('battery-1');
  await service.onBorn('aaa-01');
  await clock.advance(4 * 60_000);
  assert.equal(plans().length, 1);
  await clock.advance(70_000);
  assert.deepEqual(
    plans().map(({ assumptions }) => assumptions.devices.includes('battery-1')),
    [true, false],
  );
  await service.stop();
});

test('a gateway that repeats its birth in a session gets what it lacks, and no new plan', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(5 * 60_000);
  const [lacking] = plansOf(sent).filter(({ gateway }) => gateway === 'aaa-01');
  const before = sent.length;
  for (let time = 0; time < 6; time++) {
    await service.onBorn('aaa-01', true);
    await clock.advance(10_000);
  }
  const since = sent.slice(before);
  assert.deepEqual([...new Set(plansOf(since).map(({ document }) => document.body.id))], [lacking!.document.body.id]);
  await service.onBorn('aaa-01', false);
  await clock.advance(10_000);
  assert.deepEqual(plansOf(sent).at(-1)?.document.body.trigger, 'gateway-born');
  await service.stop();
});

test('a plan reports each stage of its life cycle once', async () => {
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

test('a plan that cannot be sent gets no number, and the one before it stays in force', async () => {
  let trigger: string | undefined;
  const { clock, sent, service, store, events } = await setUp({
    compute: {
      ...compute,
      run: (name, input) =>
        compute.run(name, input).then((answer) => {
          if (answer.ok && trigger !== undefined) Object.assign(answer.value.content, { trigger });
          return answer;
        }),
    },
  });
  await clock.advance(5 * 60_000);
  const { document } = plansOf(sent)[0]!;
  const inForce = () => service.planInForce('aaa', clock.plant.now());
  assert.equal(await inForce(), undefined, 'its gateway may not have it');
  for (const stage of ['received', 'accepted'] as const)
    await service.onReport('aaa-01', reportOn(document, stage, { time: clock.plant.now() }));
  for (trigger of ['x'.repeat(41), 'y'.repeat(2_000_001)]) {
    service.onSpike('aaa-01');
    await clock.advance(10_000);
    assert.deepEqual(await store.newestNumber('plan', 'aaa-01'), { epoch: 1, sequence: 1 });
    assert.equal(service.planFor('aaa')!.plan.id, document.body.id);
    assert.equal((await inForce())?.id, document.body.id);
  }
  const said = () => events.map((event) => [event.code, event.kind === 'alarm' && event.active]);
  assert.deepEqual(said(), [
    ['LS-OPT-002', true],
    ['LS-OPT-002', true],
  ]);
  assert.match(events.at(-1)!.text, /plan of 20\d{5} bytes is too long/);
  trigger = undefined;
  service.onSpike('aaa-01');
  await clock.advance(10_000);
  assert.deepEqual(said().at(-1), ['LS-OPT-002', false]);
  await service.stop();
});

test('on birth the cloud resends only documents that the gateway has not accepted, byte for byte', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(5 * 60_000);
  await service.onReport('bbb-01', reportOn(plansOf(sent)[1]!.document, 'accepted'));
  for (const settings of sent.filter(({ topic }) => topic === 'desiredSettings'))
    await service.onReport(settings.gateway, reportOn(settings.document, 'accepted'));
  await clock.advance(60_000);
  const before = sent.length;
  await service.onBorn('aaa-01');
  await service.onBorn('bbb-01');
  assert.deepEqual(
    sent.slice(before),
    sent.slice(0, before).filter(({ gateway, topic }) => gateway === 'aaa-01' && topic === 'desiredPlan'),
  );
  await service.stop();
});

test('weather is sent once more byte for byte, not within seconds, and by itself never', async () => {
  const { clock, sent, service } = await setUp();
  const { documents } = service;
  assert.equal(await documents.weatherSentAt('aaa-01'), undefined);
  const start = clock.plant.now();
  await documents.sendWeather('aaa-01', { start, stepS: 3600, temperatureC: [1, 2] });
  await clock.advance(5000);
  await documents.resendWeather('aaa-01');
  await clock.advance(60_000);
  await service.onBorn('aaa-01');
  const weather = () => sent.filter(({ topic }) => topic === 'desiredWeather');
  assert.equal(weather().length, 1);
  assert.equal(await documents.weatherSentAt('aaa-01'), start);
  await documents.resendWeather('aaa-01');
  assert.deepEqual(weather()[1], weather()[0]);
  assert.equal(weather()[0]!.document.validUntil, start + 2 * 3_600_000);
  await clock.advance(2 * 3_600_000);
  await documents.resendWeather('aaa-01');
  assert.equal(weather().length, 2, 'weather that is over is not sent again');
  await service.stop();
});

test('a lost command report is requested again, without resending commands that may still act', async () => {
  const { clock, sent, service } = await setUp();
  const give = async (id: string, kind: 'override' | 'stop', forS: number) => {
    const expiresAt = clock.plant.now() + forS * 1000;
    const setpoint = kind === 'override' ? { setpoint: { activePowerKw: 5 } } : {};
    const given = await service.documents.sendCommand('aaa-01', {
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
  await clock.advance(5_000);
  await service.onBorn('aaa-01');
  assert.equal(commands().length, before + 4, 'an answer may be lost with its session');
  await service.onReport('aaa-01', reportOn(lost, 'completed'));
  await clock.advance(60_000);
  await service.onHealth('aaa-01', health('aaa', clock.plant.now(), 0));
  assert.deepEqual(commands().slice(before + 4), ['never-came'], 'until the report arrives, also on health reports');
  await service.stop();
});

test('a gateway ahead of a restored store gets the document again in a higher epoch', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(5 * 60_000);
  const refused = plansOf(sent)[0]!.document;
  await service.onReport('aaa-01', reportOn(refused, 'rejected', { code: 'LS-DOC-002' }));
  const again = plansOf(sent).at(-1)!.document;
  assert.deepEqual([again.epoch, again.body.id], [refused.epoch + 1, refused.body.id]);
  await service.onReport('aaa-01', reportOn(again, 'rejected', { code: 'LS-DOC-002' }));
  assert.equal(plansOf(sent).at(-1)!.document, again, 'only once');
  await clock.advance(30 * 60_000);
  assert.deepEqual(
    plansOf(sent)
      .slice(-2)
      .map(({ gateway, document }) => [gateway, document.epoch]),
    [
      ['aaa-01', again.epoch],
      ['bbb-01', 1],
    ],
  );
  await service.stop();
});

test('a plan that no node computed does not replace the plan in force with envelopes', async () => {
  let isThere = true;
  const { clock, sent, service } = await setUp({
    compute: {
      ...compute,
      run: (name, input) =>
        isThere ? compute.run(name, input) : Promise.reject(new LoadstoneError('LS-NODE-001', 'the cloud stops')),
    },
  });
  await clock.advance(5 * 60_000);
  const before = plansOf(sent).length;
  isThere = false;
  service.onSpike('aaa-01');
  await assert.rejects(clock.advance(10_000), { code: 'LS-NODE-001' });
  assert.equal(plansOf(sent).length, before);
  isThere = true;
  service.onSpike('aaa-01');
  await clock.advance(10_000);
  assert.equal(plansOf(sent).length, before + 1);
  await service.stop();
});

test('a plan that ended every node is reported as given up, and as done once a solver answers', async () => {
  let isPoison = true;
  const noted: (readonly [string, string | undefined])[] = [];
  const { clock, service } = await setUp({
    compute: {
      ...compute,
      run: (name, input) =>
        isPoison ? Promise.reject(new LoadstoneError('LS-NODE-002', 'every node died')) : compute.run(name, input),
    },
    onGivenUp: (substation, why) => void noted.push([substation, why?.code]),
  });
  await clock.advance(5 * 60_000);
  assert.deepEqual(new Set(noted.map(([, code]) => code)), new Set(['LS-NODE-002']));
  isPoison = false;
  noted.length = 0;
  service.onSpike('aaa-01');
  await clock.advance(10_000);
  assert.deepEqual(noted, [['aaa', undefined]]);
  await service.stop();
});

test('an alarm of a plan ends with the present state of planning', async () => {
  let trouble: 'none' | 'aborts' | 'throws' = 'aborts';
  const { clock, sent, events, service } = await setUp({
    compute: {
      ...compute,
      run: (name, input) =>
        trouble === 'throws'
          ? Promise.reject(new Error('no solver'))
          : compute.run(name, input).then((answer) => {
              if (trouble === 'aborts' && answer.ok)
                Object.assign(answer.value, { fault: { code: 'LS-OPT-006', detail: 'no memory' } });
              return answer;
            }),
    },
  });
  await clock.advance(20 * 60_000);
  const before = plansOf(sent).length;
  trouble = 'throws';
  await clock.advance(15 * 60_000);
  assert.ok(plansOf(sent).length > before);
  trouble = 'none';
  await clock.advance(15 * 60_000);
  assert.deepEqual(
    events.filter(({ text }) => text.startsWith('AAA')).map(({ code, active, text }) => [code, active, text]),
    [
      ['LS-OPT-006', true, 'AAA: Solver aborted. no memory'],
      ['LS-OPT-006', false, 'AAA: no plan is made now'],
      ['LS-OPT-002', true, 'AAA: No plan can be made. no solver'],
      ['LS-OPT-002', false, 'AAA: the plan keeps all limits'],
    ],
  );
  await service.stop();
});

test('without an estimate a plan is only envelopes, with one alarm that ends when the estimate returns', async () => {
  let blind = true;
  const { clock, sent, events, service } = await setUp({ estimate: (state) => (blind ? undefined : state) });
  await clock.advance(14 * 60_000);
  assert.deepEqual([plansOf(sent).length, events.length], [0, 0], 'waiting for the first estimate raises no alarm');
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

test('the first plan follows the first estimate, not the next cycle', async () => {
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

test('a lost device is planned at its fallback and named', async () => {
  const { clock, sent, devices, service, store } = await setUp();
  devices.lost.add('pv-1');
  await clock.advance(5 * 60_000);
  const { document } = (await store.newest('plan', plansOf(sent)[0]!.gateway))!;
  assert.ok(document.type === 'plan');
  const { body } = document;
  assert.ok(!body.assumptions.devices.includes('pv-1'));
  assert.ok(body.assumptions.substitutions.some((text) => text.includes('pv-1') && text.includes('at most 750 kW')));
  const { activePowerKw, devicesKw } = body.expected[1]!;
  for (const [step, kw] of activePowerKw.entries())
    assert.ok(Math.abs(kw - 400 - devicesKw![step]!) < 60, `its sun stays part of the load: ${kw} kW`);
  await service.stop();
});

test('a plan contains the command of a person over a device, and its end triggers a new plan', async () => {
  const { clock, sent, devices, service } = await setUp();
  let isHeld = true;
  devices.held = (_gateway, device) => (isHeld && device === 'battery-1' ? { kw: 60 } : undefined);
  await clock.advance(5 * 60_000);
  const held = plansOf(sent).at(-1)!.document.body;
  const { activePowerKw, envelope } = held.devices.find(({ device }) => device === 'battery-1')!;
  assert.equal(activePowerKw![0], 60);
  assert.ok(envelope![0]!.minKw <= 60 && envelope![0]!.maxKw >= 60);
  const before = plansOf(sent).length;
  await clock.advance(5 * 60_000);
  assert.equal(plansOf(sent).length, before, 'nothing moved');
  isHeld = false;
  await clock.advance(5 * 60_000);
  assert.equal(plansOf(sent).at(-1)!.document.body.trigger, 'inputs');
  await service.stop();
});

test('commands with the same id are one document', async () => {
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
  const first = await service.documents.sendCommand('aaa-01', body);
  const second = await service.documents.sendCommand('aaa-01', body);
  assert.ok(first.ok && second.ok);
  assert.deepEqual(sent[0], sent[1]);
  assert.ok(!(await service.documents.sendCommand('bbb-01', body)).ok);
  assert.ok(!(await service.documents.sendCommand('aaa-01', { ...body, id: 'cmd-00000002', expiresAt: start })).ok);
  await service.stop();
});

test('a command sent twice concurrently is one document with the same bytes', async () => {
  const { sent, service } = await setUp();
  const body = {
    id: 'cmd-00000003',
    kind: 'stop' as const,
    reason: 'test',
    user: 'anna',
    expiresAt: start + 3_600_000,
  };
  const [first, second] = await Promise.all([
    service.documents.sendCommand('aaa-01', body),
    service.documents.sendCommand('aaa-01', body),
  ]);
  assert.deepEqual(first, second);
  assert.equal(sent.length, 2);
  assert.deepEqual(sent[0], sent[1]);
  await service.stop();
});

test('two runs on virtual time send each gateway the same documents', async () => {
  const run = async (): Promise<unknown> => {
    const { clock, sent, service } = await setUp();
    await clock.advance(10 * 60_000);
    await service.stop();
    // Signatures are made concurrently, so the order of the gateways is not fixed.
    return Object.groupBy(sent, ({ document }) => document.gateway);
  };
  assert.deepEqual(await run(), await run());
});

test('a gateway may report only on models sent to it', async () => {
  const { service, store } = await setUp();
  const sendModel = async (gateway: string, id: string) => {
    const lasts = start + 86_400_000;
    const times = { issuedAt: start, acceptUntil: lasts, validFrom: start, validUntil: lasts };
    const body = { id, beside: { id: `${id}-beside` } } as unknown as ModelManifest;
    await store.add<'model'>({ type: 'model', version: 1, gateway, ...times, body });
  };
  await sendModel('aaa-01', 'substation-aaa-gateway-1');
  await sendModel('bbb-01', 'substation-bbb-gateway-1');
  await sendModel('bbb-01', 'substation-bbb-gateway-2');
  const speaksOf = async (gateway: string): Promise<string[]> => {
    const spoken: string[] = [];
    for (const id of ['aaa-gateway-1', 'bbb-gateway-1', 'bbb-gateway-2', 'bbb-gateway-2-beside', 'ccc-gateway-1'])
      if (await service.documents.isToRun(gateway, `substation-${id}`)) spoken.push(id);
    return spoken;
  };
  assert.deepEqual(await speaksOf('aaa-01'), ['aaa-gateway-1']);
  assert.deepEqual(await speaksOf('bbb-01'), ['bbb-gateway-1', 'bbb-gateway-2', 'bbb-gateway-2-beside']);
  await service.stop();
});
