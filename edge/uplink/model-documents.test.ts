import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { ModelDocument } from '../../shared/contracts/document.ts';
import { topicFor } from '../../shared/topics/topics.ts';
import { START } from './testing/bench.ts';
import { HOUR, settings, sign, started } from './testing/signed-documents.ts';

const modelBytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251);
const sha256 = createHash('sha256').update(modelBytes).digest('hex');
const model = (over: { bytes?: number; sha256?: string } = {}): ModelDocument => ({
  ...settings(),
  type: 'model',
  body: {
    id: 'model-1',
    substation: 'owd',
    target: 'substation:owd',
    featureVersion: 1,
    features: ['lag1'],
    stepS: 900,
    steps: 4,
    quantiles: [0.5],
    sha256,
    bytes: modelBytes.length,
    trainedFrom: 0,
    trainedUpTo: START,
    createdAt: START,
    expiresAt: START + 30 * 24 * HOUR,
    weather: 'none',
    metrics: { window: 'P7D', nMae: 0, pinball: 0, coverage80: 0.8, seasonalNaiveNMae: 0, seasonalNaivePinball: 0 },
    members: {},
    outputRange: { minKw: -1, maxKw: 1 },
    parity: { inputs: [], outputs: [], tolerance: 1 },
    ...over,
  },
});

test('a model is fetched in chunks, resumed after cuts and a kill, verified, delivered and kept', async () => {
  const { bench, gateway } = await started();
  bench.cloud.model = { sha256, bytes: modelBytes };
  bench.network.faults = { drop: 0.3, duplicate: 0.1, delayMs: [50, 400], reorder: true };
  await bench.cloud.publish('desiredModel', await sign(model()));
  while (!bench.disk.paths().some((path) => path.endsWith('.part'))) await bench.clock.advance(100);
  await bench.network.partition('owd-01');
  await bench.clock.advance(3000);
  bench.killGateway(gateway);
  bench.network.heal();
  bench.cloud.requests.length = 0;
  const again = await bench.startGateway();
  assert.equal(again.restored.model, null);
  assert.equal(again.restored.documents[0]?.type, 'model');
  await bench.clock.advance(120_000);
  const got = again.heard.flatMap((each) => (each.kind === 'model' ? [each] : []));
  assert.equal(got.length, 1);
  assert.deepEqual(got[0]?.bytes, modelBytes);
  assert.equal(bench.cloud.requests.includes(0), false, 'stored chunks are not requested again');
  bench.killGateway(again);
  const third = await bench.startGateway();
  assert.deepEqual(third.restored.model?.bytes, modelBytes);
});

test('model bytes with a wrong hash are requested once more, then refused', async () => {
  const { bench, gateway } = await started();
  const other = 'ab'.repeat(32);
  bench.cloud.model = { sha256: other, bytes: modelBytes };
  await bench.cloud.publish('desiredModel', await sign(model({ sha256: other })));
  await bench.clock.advance(60_000);
  assert.equal(
    gateway.heard.some(({ kind }) => kind === 'model'),
    false,
  );
  assert.deepEqual(
    bench.cloud.reports.map(({ id, stage, code }) => [id, stage, code]),
    [
      ['model-1', 'accepted', undefined],
      ['model-1', 'rejected', 'LS-MODEL-001'],
    ],
  );
  assert.equal(bench.cloud.requests.filter((index) => index === 0).length, 2);
  assert.deepEqual(
    bench.disk.paths().filter((path) => path.startsWith('model/')),
    [],
  );
});

test('unrequested chunks are ignored', async () => {
  const { bench, gateway } = await started();
  for (const length of [0, 10, 36, 100_000]) {
    await bench.cloud.say(topicFor('modelChunk', 'owd-01'), new Uint8Array(length));
  }
  await bench.clock.advance(1000);
  assert.equal(
    gateway.heard.some(({ kind }) => kind === 'model'),
    false,
  );
});
