import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitText } from './fit-text.ts';

test('text is cut between words and marked as cut', () => {
  for (const [text, most, fits] of [
    ['all of it', 9, 'all of it'],
    ['bus 18 is low, and more', 16, 'bus 18 is low…'],
    ['bus 18 is low', 8, 'bus 18…'],
    ['wordwithoutend', 6, 'wordw…'],
  ] as const)
    assert.equal(fitText(text, most), fits);
});
