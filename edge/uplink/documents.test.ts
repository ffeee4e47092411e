import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompactSign, importJWK } from 'jose';
import { packDocument } from '../../shared/codec/packed-document.ts';
import { compressedDocument, generateSigningKey, signDocument, type Zip } from '../../shared/codec/signed-document.ts';
import type {
  CommandDocument,
  DesiredDocument,
  SettingsDocument,
  WeatherDocument,
} from '../../shared/contracts/document.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import type { Link } from '../../shared/ports/link.ts';
import { topicFor } from '../../shared/topics/topics.ts';
import { planDocument } from '../cycle/testing/documents.ts';
import { SimProcess } from '../../simulators/sim/sim-process.ts';
import { START, UplinkBench, type RunningGateway } from './testing/bench.ts';
import { HOUR, privateKey, publicKey, settings, sign, started } from './testing/signed-documents.ts';
import { UplinkCore } from './uplink-core.ts';

const stranger = await generateSigningKey();

const command = (id: string, sequence: number): CommandDocument => ({
  ...settings({ sequence }),
  type: 'command',
  body: { id, kind: 'stop', reason: 'test', user: 'anna', expiresAt: START + HOUR },
});
const signAs = async (zip: Zip, document: DesiredDocument): Promise<string> =>
  unwrap(await signDocument(document, privateKey, compressedDocument(document, zip)));
const signText = async (text: string): Promise<string> =>
  new CompactSign(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: 'EdDSA', kid: publicKey.kid, typ: 'loadstone+jws' })
    .sign(await importJWK(privateKey, 'EdDSA'));

const documentsOf = (gateway: RunningGateway): DesiredDocument[] =>
  gateway.heard.flatMap((each) => (each.kind === 'document' ? [each.document] : []));

test('a valid document is persisted, delivered once, and kept across a restart', async () => {
  const { bench, gateway } = await started();
  const jws = await sign(settings());
  await bench.cloud.publish('desiredSettings', jws);
  await bench.clock.advance(100);
  assert.deepEqual(documentsOf(gateway), [settings()]);
  await bench.cloud.publish('desiredSettings', jws);
  await bench.clock.advance(100);
  assert.equal(documentsOf(gateway).length, 1, 'the same document again changes nothing');
  bench.killGateway(gateway, true);
  const again = await bench.startGateway();
  assert.deepEqual(again.restored.documents, [settings()]);
  await bench.clock.advance(20_000);
  await bench.cloud.publish('desiredSettings', await sign(settings({ sequence: 9 })));
  await bench.clock.advance(2000);
  assert.equal(documentsOf(again).length, 0, 'an older one is refused after a restart too');
});

test('a known document sent again, compressed, as bytes or plain, changes nothing', async () => {
  const { bench, gateway } = await started();
  const [compressed, columns] = [await signAs('br', settings()), await signAs('columns', settings())];
  const plain = await sign(settings());
  for (const sent of [plain, compressed, packDocument(compressed), packDocument(columns), packDocument(plain), plain]) {
    await bench.cloud.publish('desiredSettings', sent);
    await bench.clock.advance(100);
  }
  assert.deepEqual(documentsOf(gateway), [settings()]);
  assert.deepEqual(
    gateway.heard.filter(({ kind }) => kind === 'link'),
    [{ kind: 'link', connected: true }],
  );
  const next = settings({ sequence: 11 });
  await bench.cloud.publish('desiredSettings', packDocument(await signAs('columns', next)));
  await bench.clock.advance(100);
  bench.killGateway(gateway, true);
  assert.deepEqual((await bench.startGateway()).restored.documents, [next]);
});

const weather = (sequence: number, issuedAt: number): WeatherDocument => ({
  ...settings({ sequence, issuedAt }),
  type: 'weather',
  body: { start: START - 2 * HOUR, stepS: 3600, temperatureC: [12.5, null, 11.9] },
});

test('weather is delivered without a word, kept across a restart, and the birth says which is held', async () => {
  const { bench, gateway } = await started();
  assert.equal(bench.cloud.reads.weatherAt, 0, 'it takes weather and holds none');
  const [before, held] = [weather(1, START), weather(2, START + 1000)];
  for (const each of [before, held, held]) await bench.cloud.publish('desiredWeather', await sign(each));
  await bench.clock.advance(5000);
  assert.deepEqual(documentsOf(gateway), [before, held]);
  assert.deepEqual(bench.cloud.reports, []);
  assert.deepEqual(
    [...bench.cloud.events.values()].filter(({ subject }) => subject?.startsWith('weather')),
    [],
  );
  await bench.network.partition('owd-01');
  await bench.clock.advance(100_000);
  bench.network.heal();
  await bench.clock.advance(20_000);
  assert.equal(bench.cloud.reads.weatherAt, held.issuedAt);
  bench.killGateway(gateway, true);
  assert.deepEqual((await bench.startGateway()).restored.documents, [held]);
  await bench.clock.advance(20_000);
  assert.equal(bench.cloud.reads.weatherAt, held.issuedAt);
});

const text = JSON.stringify(settings({ sequence: 11 }));
const refused: readonly [name: string, jws: () => string | Promise<string>, code: string][] = [
  ['signed by a stranger', () => sign(settings({ sequence: 11 }), stranger.privateKey), 'LS-DOC-001'],
  [
    'alg none',
    () => {
      const part = (each: string): string => Buffer.from(each).toString('base64url');
      return `${part(JSON.stringify({ alg: 'none', kid: publicKey.kid, typ: 'loadstone+jws' }))}.${part(text)}.`;
    },
    'LS-DOC-001',
  ],
  ['the same sequence with other content', () => sign(settings({ validUntil: START + 3 * HOUR })), 'LS-DOC-002'],
  ['an older sequence', () => sign(settings({ sequence: 9 })), 'LS-DOC-002'],
  ['an older epoch', () => sign(settings({ epoch: 2, sequence: 99 })), 'LS-DOC-002'],
  ['past its acceptance time', () => sign(settings({ sequence: 11, acceptUntil: START + 1000 })), 'LS-DOC-003'],
  ['past its validity', () => sign(settings({ sequence: 11, validUntil: START + 1000 })), 'LS-DOC-003'],
  ['empty validity', () => sign(settings({ sequence: 11, validFrom: START + 2 * HOUR })), 'LS-DOC-003'],
  ['issued in the future', () => sign(settings({ sequence: 11, issuedAt: START + HOUR })), 'LS-DOC-008'],
  [
    'valid in the far future',
    () => sign(settings({ sequence: 11, validFrom: START + 20 * HOUR, validUntil: START + 30 * HOUR })),
    'LS-DOC-008',
  ],
  ['for another gateway', () => sign(settings({ sequence: 11, gateway: 'lls-01' })), 'LS-DOC-004'],
  ['another type than its topic', () => sign(command('command-x', 11)), 'LS-DOC-005'],
  ['duplicate keys', () => signText(text.replace('"sequence":11', '"sequence":11,"sequence":12')), 'LS-DOC-005'],
  ['NaN', () => signText(text.replace('250', 'NaN')), 'LS-DOC-006'],
  ['an unknown field', () => signText(text.replace('"epoch"', '"x":1,"epoch"')), 'LS-DOC-005'],
  ['a future version', () => signText(text.replace('"version":1', '"version":9')), 'LS-DOC-009'],
];
for (const [name, jws, code] of refused) {
  test(`refused with an event: ${name}`, async () => {
    const { bench, gateway } = await started();
    await bench.cloud.publish('desiredSettings', await sign(settings()));
    await bench.clock.advance(5000);
    await bench.cloud.publish('desiredSettings', await jws());
    await bench.clock.advance(5000);
    assert.deepEqual(documentsOf(gateway), [settings()]);
    const codes = [...bench.cloud.events.values()].map((event) => event.code);
    assert.ok(codes.includes(code), `${codes.join()} has no ${code}`);
    await bench.cloud.publish('desiredSettings', await sign(settings({ sequence: 12 })));
    await bench.clock.advance(1000);
    assert.equal(documentsOf(gateway).length, 2, 'the next document is accepted');
  });
}

test('a clock set back does not admit an old document', async () => {
  const { bench, gateway } = await started();
  const first = await sign(settings());
  await bench.cloud.publish('desiredSettings', first);
  await bench.clock.advance(1000);
  await bench.cloud.publish('desiredSettings', await sign(settings({ sequence: 11 })));
  await bench.clock.advance(1000);
  bench.clock.step(-30 * 60_000);
  await bench.cloud.publish('desiredSettings', first);
  await bench.clock.advance(1000);
  assert.equal(documentsOf(gateway).length, 2);
});

test('an unreadable stored mark at the maximum does not block later documents', async () => {
  const bench = new UplinkBench(1, { keys: [publicKey] });
  const mark = { epoch: Number.MAX_SAFE_INTEGER, sequence: 4, jws: 'of a cloud of before' };
  await bench.disk.replace('documents/settings.json', new TextEncoder().encode(JSON.stringify(mark)));
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.clock.advance(2000);
  await bench.cloud.publish('desiredSettings', await sign(settings()));
  await bench.clock.advance(1000);
  assert.deepEqual(documentsOf(gateway), [settings()]);
});

test('a mark with a damaged document still blocks older documents but no later ones', async () => {
  const bench = new UplinkBench(1, { keys: [publicKey] });
  const mark = { generation: 0, epoch: 3, sequence: 10, jws: 'damaged' };
  await bench.disk.replace('documents/settings.json', new TextEncoder().encode(JSON.stringify(mark)));
  bench.cloud.start();
  const gateway = await bench.startGateway();
  await bench.clock.advance(2000);
  for (const sequence of [9, 10, 11]) {
    await bench.cloud.publish('desiredSettings', await sign(settings({ sequence })));
    await bench.clock.advance(1000);
  }
  assert.deepEqual(documentsOf(gateway), [settings({ sequence: 11 })]);
});

test('an epoch far above the mark is refused, so that the true cloud cannot be locked out', async () => {
  const { bench, gateway } = await started();
  const sent: SettingsDocument[] = [
    settings(),
    settings({ epoch: 1004, sequence: 1 }),
    settings({ epoch: 2 ** 31, sequence: 1 }),
    settings({ epoch: 1003, sequence: 1 }),
    settings({ epoch: 1004, sequence: 1 }),
  ];
  for (const each of sent) {
    await bench.cloud.publish('desiredSettings', await sign(each));
    await bench.clock.advance(1000);
  }
  assert.deepEqual(documentsOf(gateway), [sent[0], sent[3], sent[4]]);
  assert.ok([...bench.cloud.events.values()].some(({ code }) => code === 'LS-DOC-012'));
});

test('with a dead disk a document is refused, and accepted when resent later', async () => {
  const { bench, gateway } = await started();
  bench.disk.failing = true;
  const jws = await sign(settings());
  await bench.cloud.publish('desiredSettings', jws);
  await bench.clock.advance(1000);
  assert.equal(documentsOf(gateway).length, 0);
  bench.disk.failing = false;
  await bench.cloud.publish('desiredSettings', jws);
  await bench.clock.advance(5000);
  assert.equal(documentsOf(gateway).length, 1);
  assert.ok([...bench.cloud.events.values()].some(({ code }) => code === 'LS-DOC-007'));
});

test('an outcome that a failing disk refused is written once the disk works again', async () => {
  const { bench, gateway } = await started();
  const done = { version: 1, type: 'command', id: 'command-1', epoch: 3, sequence: 1, time: START } as const;
  bench.disk.failing = true;
  gateway.core.send({ kind: 'report', topic: 'commandResult', report: { ...done, stage: 'applied' } });
  gateway.core.send({ kind: 'state', json: '{"of":"before"}' });
  await bench.clock.advance(5000);
  bench.disk.failing = false;
  await bench.clock.advance(3000);
  bench.killGateway(gateway);
  const again = await bench.startGateway();
  assert.equal(again.restored.stateJson, '{"of":"before"}');
  await bench.clock.advance(20_000);
  await bench.cloud.publish('command', await sign(command('command-1', 1)));
  await bench.clock.advance(2000);
  const repeated = again.heard.find((each) => each.kind === 'document');
  assert.equal(repeated?.kind === 'document' && repeated.again === true && repeated.applied, true);
});

test('a command acts once: a repeated id is answered with its outcome', async () => {
  const { bench, gateway } = await started();
  await bench.cloud.publish('command', await sign(command('command-1', 1)));
  await bench.clock.advance(100);
  const done = { version: 1, type: 'command', id: 'command-1', epoch: 3, sequence: 1, time: START } as const;
  gateway.core.send({ kind: 'report', topic: 'commandResult', report: { ...done, stage: 'completed' } });
  await bench.clock.advance(100);
  bench.killGateway(gateway);
  const again = await bench.startGateway();
  await bench.clock.advance(20_000);
  bench.cloud.reports.length = 0;
  await bench.cloud.publish('command', await sign(command('command-1', 2)));
  await bench.clock.advance(100);
  assert.deepEqual(documentsOf(again), []);
  assert.deepEqual(
    bench.cloud.reports.map(({ id, stage }) => [id, stage]),
    [['command-1', 'completed']],
  );
  await bench.cloud.publish('command', await sign(command('command-2', 3)));
  await bench.clock.advance(100);
  bench.cloud.reports.length = 0;
  await bench.cloud.publish('command', await sign(command('command-1', 1)));
  await bench.clock.advance(100);
  assert.deepEqual(
    bench.cloud.reports.map(({ id, stage }) => [id, stage]),
    [['command-1', 'completed']],
    'it was accepted: a newer command does not make it refused',
  );
});

test('a command accepted before a restart does not act again; its outcome is queried', async () => {
  const { bench, gateway } = await started();
  const jws = await sign(command('command-1', 1));
  const heard = (by: RunningGateway) =>
    by.heard.flatMap((each) => (each.kind === 'document' ? [each.again === true ? 'asked' : 'acts'] : []));
  for (let times = 0; times < 2; times++) {
    await bench.cloud.publish('command', jws);
    await bench.clock.advance(100);
  }
  assert.deepEqual(heard(gateway), ['acts', 'asked']);
  bench.killGateway(gateway);
  const again = await bench.startGateway();
  await bench.clock.advance(20_000);
  await bench.cloud.publish('command', jws);
  await bench.clock.advance(100);
  assert.deepEqual(heard(again), ['asked']);
});

test('documents are stored even if the broker accepts no reports', async () => {
  const bench = new UplinkBench(1);
  bench.cloud.start();
  const process = new SimProcess(bench.clock);
  const line = bench.network.link(process);
  const silent: Link = {
    get connected() {
      return line.connected;
    },
    open: (options, handlers) => line.open(options, handlers),
    publish: (topic, payload, options) =>
      topic === topicFor('commandResult', 'owd-01')
        ? new Promise(() => undefined)
        : line.publish(topic, payload, options),
    close: () => line.close(),
  };
  const { disk, random } = bench;
  const core = new UplinkCore(bench.config, { clock: process, link: silent, disk, random });
  await core.start(() => undefined);
  core.send({ kind: 'births', devices: [] });
  await bench.clock.advance(2000);
  assert.ok(silent.connected);
  for (const stage of ['applied', 'verified'] as const) {
    const report = { version: 1, type: 'command', id: 'command-1', epoch: 3, sequence: 1, stage, time: START } as const;
    core.send({ kind: 'report', topic: 'commandResult', report });
  }
  core.send({ kind: 'state', json: '{"kept":true}' });
  await bench.clock.advance(100);
  process.kill();
  bench.network.kill('owd-01');
  disk.crash(random);
  const again = await bench.startGateway();
  assert.equal(again.restored.stateJson, '{"kept":true}');
});

test('reports wait for the link and keep their order', async () => {
  const { bench, gateway } = await started();
  await bench.network.partition('owd-01');
  for (const stage of ['received', 'applied', 'verified'] as const) {
    const report = { version: 1, type: 'plan', id: 'plan-1', epoch: 1, sequence: 1, stage, time: START } as const;
    gateway.core.send({ kind: 'report', topic: 'reportedPlan', report });
    await bench.clock.advance(1000);
  }
  assert.equal(bench.cloud.reports.length, 0);
  bench.network.heal();
  await bench.clock.advance(20_000);
  assert.deepEqual(
    bench.cloud.reports.map(({ stage }) => stage),
    ['received', 'applied', 'verified'],
  );
});

test('a restart restores the plan in force besides a newest plan that has not begun', async () => {
  const { bench, gateway } = await started();
  const plan = (sequence: number, time: number) => ({
    ...planDocument(time, { id: `plan-${sequence}` }, { sequence, validFrom: time }),
    issuedAt: START,
    acceptUntil: START + HOUR,
  });
  const plans = [plan(1, START), plan(2, START + HOUR / 4), plan(3, START + HOUR / 2)];
  for (const each of plans) await bench.cloud.publish('desiredPlan', await sign(each));
  await bench.clock.advance(100);
  assert.equal(documentsOf(gateway).length, 3);
  bench.killGateway(gateway, true);
  const again = await bench.startGateway();
  assert.deepEqual(again.restored.documents, [plans[0], plans[2]]);
  await bench.clock.advance(HOUR / 2);
  await bench.cloud.publish('desiredPlan', await sign({ ...plan(4, START + HOUR / 2), validUntil: START + HOUR }));
  await bench.clock.advance(100);
  bench.killGateway(again, true);
  const { documents } = (await bench.startGateway()).restored;
  assert.deepEqual(
    documents.map((each) => each.sequence),
    [4],
  );
});
