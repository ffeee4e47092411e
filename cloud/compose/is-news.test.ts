import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newsOf } from './is-news.ts';

test('a condition is told on each change, and once after a start while it holds', () => {
  const told = (stood: boolean, looks: readonly boolean[]): boolean[] => {
    let stands = stood;
    const isNews = newsOf(() => stands);
    return looks.map((holds) => {
      const is = isNews(holds);
      if (is) stands = holds;
      return is;
    });
  };
  assert.deepEqual(told(true, [true, true, false, false, true, true]), [true, false, true, false, true, false]);
  assert.deepEqual(told(false, [false, true, true]), [false, true, false]);
  assert.deepEqual(told(true, [false, false]), [true, false]);
});
