import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strengthInWorker } from './strength-in-worker.ts';

test('the owner name weakens a password, and only the beginning of a long one is judged', async () => {
  const weaknessOf = strengthInWorker();
  const name = 'wilhelmina-kraaijenbrink';
  assert.equal(await weaknessOf(`${name}1`, []), undefined);
  assert.match((await weaknessOf(`${name}1`, [name]))!, /Take four or more words that do not belong together\.$/);
  assert.equal(await weaknessOf('recorded fixture horse', []), undefined);
  assert.match((await weaknessOf('ab1!'.repeat(50), []))!, /Repeated/);
});

test('with ten passwords waiting, further ones are refused without judging them', async () => {
  let judged = 0;
  const weaknessOf = strengthInWorker(async () => void judged++);
  const asked = await Promise.allSettled(Array.from({ length: 12 }, () => weaknessOf('password1234', [])));
  const refused = asked.filter(({ status }) => status === 'rejected');
  assert.deepEqual(
    refused.map((each) => (each as PromiseRejectedResult).reason.code),
    ['LS-API-008', 'LS-API-008'],
  );
  assert.equal(judged, 10);
});
