import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../shared/testing/until.ts';
import { setUp, start } from '../testing/dispatch-rig.ts';
import { SqliteDocumentStore } from './sqlite-document-store.ts';

const FIRST_LOOK = Date.UTC(2021, 8, 25, 10, 5);
const PERIOD_MS = 300_000;

test('a look at the inputs of plans is done only once every plan it requested is sent', async () => {
  const sent = Promise.withResolvers<void>();
  const paces: { readonly plantTime: number; readonly periodMs: number }[] = [];
  const waits: string[] = [];
  const { clock, service } = await setUp({
    onPace: (pace) => paces.push(pace),
    onSend: ({ gateway, document }) => {
      if (document.type !== 'plan' || gateway !== 'bbb-01') return;
      waits.push(gateway);
      return sent.promise;
    },
  });
  assert.deepEqual(paces, [{ plantTime: start, periodMs: PERIOD_MS }]);
  const advanced = clock.advance(PERIOD_MS);
  await until('the second plan is on its way', () => waits.length > 0);
  assert.ok(paces.length > 1, 'making a plan reports progress');
  assert.deepEqual(new Set(paces.map(({ plantTime }) => plantTime)), new Set([start]));
  sent.resolve();
  await advanced;
  await until('the look is done', () => paces.at(-1)!.plantTime === FIRST_LOOK);
  await service.stop();
});

test('pruning runs at most once a second, even if there is always more to prune', async () => {
  const store = new SqliteDocumentStore(':memory:');
  let asked = 0;
  store.prune = async () => ++asked;
  const { clock, service } = await setUp({ store, substations: ['aaa'], estimate: () => undefined });
  await clock.advance(3_600_000);
  const before = asked;
  await clock.advance(60_000);
  assert.ok(asked - before <= 62, `${asked - before} times in a minute`);
  await service.stop();
  const last = asked;
  await clock.advance(60_000);
  assert.equal(asked, last, 'and not after the stop');
});
