import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldSelection } from './held-selection.ts';

type Act = 'keep' | 'confirming' | 'giveBack' | 'close' | 'late';

const cases: readonly (readonly [name: string, acts: readonly Act[], cancelled: number])[] = [
  ['without a selection nothing is cancelled', ['giveBack', 'close'], 0],
  ['a selection that is left is cancelled once', ['keep', 'giveBack', 'giveBack', 'close'], 1],
  ['a selection is cancelled on close', ['keep', 'close'], 1],
  ['a selection that arrives after close is cancelled', ['close', 'keep'], 1],
  ['a confirmed selection is not cancelled', ['keep', 'confirming', 'giveBack', 'close'], 0],
  ['a selection whose confirmation failed is cancelled when left', ['keep', 'confirming', 'keep', 'giveBack'], 1],
  ['a selection whose confirmation fails after close is cancelled', ['keep', 'confirming', 'close', 'keep'], 1],
  ['an expired selection is not cancelled', ['keep', 'late', 'close'], 0],
  ['each of two selections is cancelled', ['keep', 'giveBack', 'keep', 'close'], 2],
];

for (const [name, acts, cancelled] of cases)
  test(name, () => {
    let now = 0;
    const cancelledTokens: string[] = [];
    const selection = new HeldSelection({ cancel: (token) => cancelledTokens.push(token), now: () => now });
    for (const act of acts) {
      if (act === 'late') now = 30_000;
      else if (act === 'keep') selection.keep({ token: 'a-token', until: now + 30_000 });
      else selection[act]();
    }
    assert.deepEqual(cancelledTokens, Array<string>(cancelled).fill('a-token'));
  });
