import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastAnswers, MOST, type Answer } from './last-answers.ts';

const good = (value: string): Answer<string> => ({ state: 'good', value });
const bad = (status: number): Answer<string> => ({
  state: 'bad',
  problem: { type: 'about:blank', title: 'x', status, detail: 'x', code: 'x', remedy: '' },
});

test('while the cloud is lost the last answer to the same request is shown', () => {
  const last = new LastAnswers();
  last.keep('/v1/devices?limit=50', good('devices'));
  last.keep('/v1/devices?limit=50', bad(0));
  assert.deepEqual(last.insteadOf('/v1/devices?limit=50', { state: 'loading' }), good('devices'));
  assert.deepEqual(last.insteadOf('/v1/devices?limit=50', bad(0)), good('devices'));
  for (const status of [429, 502, 503])
    assert.deepEqual(last.insteadOf('/v1/devices?limit=50', bad(status)), good('devices'), `${status} is no answer`);
  assert.deepEqual(last.insteadOf('/v1/devices?limit=50', good('newer')), good('newer'));
  assert.deepEqual(last.insteadOf('/v1/devices?limit=50', bad(403)), bad(403), 'a refusal is an answer');
  assert.deepEqual(last.insteadOf('/v1/devices?q=pv&limit=50', bad(0)), bad(0), 'another search was never answered');
  assert.deepEqual(last.insteadOf('/v1/view/desk', { state: 'loading' }), { state: 'loading' });
});

test('a span that moved or grew with time is the same request; a span of another length is not', () => {
  const last = new LastAnswers();
  const curve = (start: string, end: string, series = 'a'): string =>
    `/v1/trends?series=${series}&start=2021-09-${start}Z&end=2021-09-${end}Z&points=9`;
  last.keep(curve('25T10:00:00', '25T10:30:00'), good('half an hour'));
  last.keep(curve('24T10:30:00', '25T10:30:00'), good('a day'));
  assert.deepEqual(last.insteadOf(curve('25T12:00:00', '25T12:30:00'), bad(0)), good('half an hour'), 'moved');
  assert.deepEqual(last.insteadOf(curve('24T10:30:00', '25T12:30:00'), bad(0)), good('a day'), 'grown');
  assert.deepEqual(
    last.insteadOf(curve('25T09:30:00', '25T12:30:00'), bad(0)),
    bad(0),
    'three hours were not answered',
  );
  assert.deepEqual(last.insteadOf(curve('25T10:00:00', '25T10:30:00', 'b'), bad(0)), bad(0));
  const figures = (hour: string): string => `/v1/alarms/figures?from=2021-09-18T${hour}Z&to=2021-09-25T${hour}Z`;
  last.keep(figures('10:00:00'), good('a week'));
  assert.deepEqual(last.insteadOf(figures('11:00:00'), bad(0)), good('a week'), 'the hour is over');
});

test('an answer for one playback moment is not used for another', () => {
  const last = new LastAnswers();
  last.keep('/v1/view/region?at=2021-09-25T10:00:00Z', good('ten'));
  assert.deepEqual(last.insteadOf('/v1/view/region?at=2021-09-25T10:01:00Z', bad(0)), bad(0));
});

test('the number of kept answers is bounded', () => {
  const last = new LastAnswers();
  for (let n = 0; n < 1000; n++) {
    last.keep(`/v1/events?q=${n}`, good(String(n)));
    last.keep('/v1/view/desk', good('desk'));
  }
  const answers = Array.from({ length: 1000 }, (_, n) => last.insteadOf(`/v1/events?q=${n}`, bad(0)));
  assert.equal(answers.filter(({ state }) => state === 'good').length, MOST - 1);
  assert.deepEqual(last.insteadOf('/v1/view/desk', bad(0)), good('desk'));
});
