import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastAnswers, type Answer } from './last-answers.ts';

const good = (value: string): Answer<string> => ({ state: 'good', value });
const bad = (status: number): Answer<string> => ({
  state: 'bad',
  problem: { type: 'about:blank', title: 'x', status, detail: 'x', code: 'x', remedy: '' },
});

test('while the cloud is lost the last answer to the same question stands', () => {
  const last = new LastAnswers();
  last.keep('/v1/devices?limit=50', good('devices'));
  last.keep('/v1/devices?limit=50', bad(0));
  assert.deepEqual(last.insteadOf('/v1/devices?limit=50', { state: 'loading' }), good('devices'));
  assert.deepEqual(last.insteadOf('/v1/devices?limit=50', bad(0)), good('devices'));
  assert.deepEqual(last.insteadOf('/v1/devices?limit=50', good('newer')), good('newer'));
  assert.deepEqual(last.insteadOf('/v1/devices?limit=50', bad(403)), bad(403), 'a refusal is an answer');
  assert.deepEqual(last.insteadOf('/v1/devices?q=pv&limit=50', bad(0)), bad(0), 'another search was never answered');
  assert.deepEqual(last.insteadOf('/v1/view/desk', { state: 'loading' }), { state: 'loading' });
});

test('a span that has moved on is the same question', () => {
  const last = new LastAnswers();
  last.keep('/v1/trends?series=a&start=1&end=2&points=9', good('curve'));
  assert.deepEqual(last.insteadOf('/v1/trends?series=a&start=3&end=4&points=9', bad(0)), good('curve'));
  assert.deepEqual(last.insteadOf('/v1/trends?series=b&start=3&end=4&points=9', bad(0)), bad(0));
});

test('a page that is open for weeks keeps no more than it did on its first day', () => {
  const last = new LastAnswers();
  for (let n = 0; n < 1000; n++) {
    last.keep(`/v1/events?q=${n}`, good(String(n)));
    last.keep('/v1/view/desk', good('desk'));
  }
  const kept = Array.from({ length: 1000 }, (_, n) => last.insteadOf(`/v1/events?q=${n}`, bad(0)));
  assert.equal(kept.filter(({ state }) => state === 'good').length, 39);
  assert.deepEqual(last.insteadOf('/v1/view/desk', bad(0)), good('desk'));
});
