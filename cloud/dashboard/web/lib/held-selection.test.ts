import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldSelection } from './held-selection.ts';

type Act = 'keep' | 'confirming' | 'giveBack' | 'close' | 'late';

const cases: readonly (readonly [name: string, acts: readonly Act[], cancelled: number])[] = [
  ['nothing was selected', ['giveBack', 'close'], 0],
  ['selected, and left: once', ['keep', 'giveBack', 'giveBack', 'close'], 1],
  ['selected, and closed', ['keep', 'close'], 1],
  ['closed while it was being selected', ['close', 'keep'], 1],
  ['confirmed, and closed then or meanwhile', ['keep', 'confirming', 'giveBack', 'close'], 0],
  ['not taken when it was confirmed', ['keep', 'confirming', 'keep', 'giveBack'], 1],
  ['closed meanwhile, and then not taken', ['keep', 'confirming', 'close', 'keep'], 1],
  ['run out by itself', ['keep', 'late', 'close'], 0],
  ['selected again', ['keep', 'giveBack', 'keep', 'close'], 2],
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
