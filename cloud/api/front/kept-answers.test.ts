import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Freshness } from './freshness.ts';
import { type KeepNote, KeptAnswers } from './kept-answers.ts';

const LINES = ['HTTP/1.1 200 OK\r\n', 'Date: today\r\n', 'ratelimit-limit: 4\r\n', 'etag: "a"\r\n'];

function rig() {
  const freshness = new Freshness();
  let now = 1000;
  const kept = new KeptAnswers(freshness, () => now);
  const note = (target: string, until = Number.MAX_SAFE_INTEGER): KeepNote => ({
    ...freshness.markOf(target, freshness.rights()),
    rateCell: 0,
    requestsPerSecond: 1,
    until,
  });
  return { freshness, kept, note, pass: (ms: number) => (now += ms) };
}

test('an answer is kept without what each answer has of its own', () => {
  const { kept, note } = rig();
  kept.put('head', note('a'), { lines: LINES, body: Buffer.from('x') });
  assert.equal(kept.get('head')?.head, 'HTTP/1.1 200 OK\r\netag: "a"\r\n');
  assert.equal(kept.get('Head'), undefined);
});

test('it ends with its target, with a change of rights, with its token, and by age', () => {
  for (const end of ['target', 'rights', 'token', 'age'] as const) {
    const { freshness, kept, note, pass } = rig();
    kept.put('head', note('a', end === 'token' ? 1500 : undefined), { lines: LINES, body: Buffer.from('x') });
    pass(499);
    freshness.targetChanged('another');
    assert.ok(kept.get('head'), end);
    if (end === 'target') freshness.targetChanged('a');
    if (end === 'rights') freshness.rightsChanged();
    if (end === 'token') pass(1);
    if (end === 'age') pass(5000);
    assert.equal(kept.get('head'), undefined, end);
    assert.equal(kept.bytes, 0, end);
  }
});

test('what changed while it was made is never kept as new', () => {
  const { freshness, kept, note } = rig();
  const before = note('a');
  freshness.targetChanged('a');
  kept.put('head', before, { lines: LINES, body: Buffer.from('x') });
  assert.equal(kept.get('head'), undefined);
});

test('the oldest make room', () => {
  const { kept, note } = rig();
  const body = Buffer.alloc(10_000_000);
  for (let each = 0; each < 20; each++) kept.put(`head ${each}`, note('a'), { lines: LINES, body });
  assert.ok(kept.bytes <= 64_000_000);
  assert.equal(kept.get('head 0'), undefined);
  assert.ok(kept.get('head 19'));
});
