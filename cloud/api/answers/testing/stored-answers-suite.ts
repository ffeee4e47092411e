import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../../telemetry/testing/store-files.ts';
import type { StoredAnswer, StoredAnswers } from '../stored-answers.ts';

const AT_ONCE = 20;
const anna = { caller: 'anna', key: 'k-1' };
const answer = { status: 202, headers: { location: '/v1/jobs/1' }, body: '{"id":1}' };
const at = (now: number) => ({ now, since: now - 100 });

/** Counts the concurrent callers that may proceed, and collects what the others got. */
function sorted(results: readonly (StoredAnswer | undefined)[]) {
  const answered = results.filter((each) => each !== undefined);
  return { goOn: results.length - answered.length, answered };
}

/** Contract of every store of answers. `open` returns an empty one on storage that several processes may share. */
export function storedAnswersSuite(
  name: string,
  open: () => Promise<Opened<StoredAnswers & { begin(): Promise<void> }>>,
) {
  const race = (answers: StoredAnswers, now: number): Promise<(StoredAnswer | undefined)[]> =>
    Promise.all(Array.from({ length: AT_ONCE }, (_, n) => answers.take(anna, `request ${n}`, at(now))));

  test(`${name}: only one of many callers takes a key`, async () => {
    const { store: answers } = await open();
    const { goOn, answered } = sorted(await race(answers, 1));
    assert.equal(goOn, 1);
    assert.equal(new Set(answered.map(({ request }) => request)).size, 1, 'all others get the same request');
    assert.ok(answered.every((each) => each.answer === undefined));
  });

  test(`${name}: an answer is repeated only to its caller`, async () => {
    const { store: answers } = await open();
    assert.equal(await answers.take(anna, 'r', at(1)), undefined);
    await answers.keep(anna, answer);
    assert.deepEqual(await answers.take(anna, 'r', at(2)), { request: 'r', answer });
    assert.deepEqual(await answers.take(anna, 'other', at(2)), { request: 'r', answer });
    assert.equal(await answers.take({ ...anna, caller: 'bert' }, 'r', at(2)), undefined);
    assert.equal(await answers.take({ ...anna, key: 'k-2' }, 'r', at(2)), undefined);
  });

  test(`${name}: one caller takes a released or expired key again`, async () => {
    const { store: answers } = await open();
    await answers.take(anna, 'r', at(1));
    await answers.release(anna);
    assert.equal(sorted(await race(answers, 2)).goOn, 1);
    await answers.keep(anna, answer);
    assert.equal(sorted(await race(answers, 102)).goOn, 0, 'the key is valid to the end of its time');
    assert.equal(sorted(await race(answers, 103)).goOn, 1);
  });

  test(`${name}: when an owner starts, answers stay, and keys in progress answer that the outcome is unknown`, async () => {
    const { store: answers, again } = await open();
    await answers.take(anna, 'r', at(1));
    await answers.keep(anna, answer);
    await answers.take({ ...anna, key: 'k-2' }, 'r', at(1));
    const later = await again();
    assert.deepEqual(await later.take({ ...anna, key: 'k-2' }, 'r', at(2)), { request: 'r', answer: undefined });
    await later.begin();
    assert.deepEqual(await later.take(anna, 'r', at(2)), { request: 'r', answer });
    const stored = await later.take({ ...anna, key: 'k-2' }, 'r', at(2));
    assert.deepEqual([stored?.answer?.status, /LS-API-017/.test(stored?.answer?.body ?? '')], [504, true]);
  });
}
