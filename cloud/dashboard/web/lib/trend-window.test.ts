import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, between, dayOfWindow, moved, spanned, windowOf, windowOfDay } from './trend-window.ts';

const NOW = Date.UTC(2021, 8, 25, 12);
const NL = 'Europe/Amsterdam';
const at = (text: string): number => Date.parse(text);

test('a window is written to the address and read back', () => {
  for (const window of [
    { spanS: 1800, end: null },
    { spanS: 60, end: at('2021-09-24T18:31:00Z') },
    { spanS: 31_536_000, end: null },
  ])
    assert.deepEqual(windowOf(new URLSearchParams(addressOf(window)), NOW), window);
  for (const wrong of ['span=x&end=y', 'span=-4&end=2921-01-01T00:00:00Z', 'end=-271821-04-20T00:00:00Z', ''])
    assert.equal(windowOf(new URLSearchParams(wrong), NOW).end, null, wrong);
  assert.equal(windowOf(new URLSearchParams('span=-4'), NOW).spanS, 60);
  assert.equal(windowOf(new URLSearchParams('span=1e99'), NOW).spanS, 366 * 86_400);
});

test('a window moves by half a span, back and forward until it ends now', () => {
  const live = { spanS: 3600, end: null };
  const back = moved(live, -1, NOW);
  assert.deepEqual(back, { spanS: 3600, end: NOW - 1_800_000 });
  assert.deepEqual(moved(back, -1, NOW), { spanS: 3600, end: NOW - 3_600_000 });
  assert.deepEqual(moved(back, 1, NOW), live);
  assert.deepEqual(moved(back, 1, NOW + 600_000), live, 'time has passed meanwhile');
  assert.deepEqual(moved(back, 1, NOW + 1_200_000), { spanS: 3600, end: NOW });
  assert.deepEqual(moved(live, 1, NOW), live);
});

test('changing the span keeps the middle of a past window, and the end of a live one', () => {
  assert.deepEqual(spanned({ spanS: 3600, end: null }, 60, NOW), { spanS: 60, end: null });
  const end = at('2021-09-24T18:00:00Z');
  assert.deepEqual(spanned({ spanS: 3600, end }, 1800, NOW), { spanS: 1800, end: end - 900_000 });
  assert.deepEqual(spanned({ spanS: 3600, end: NOW - 60_000 }, 86_400, NOW), { spanS: 86_400, end: null });
});

test('a drag over a few seconds shows the minute around them', () => {
  const [from, to] = [at('2021-09-24T18:31:10Z'), at('2021-09-24T18:31:20Z')];
  assert.deepEqual(between(from, to, NOW), { spanS: 60, end: at('2021-09-24T18:31:45Z') });
  assert.deepEqual(between(from, from + 600_000, NOW), { spanS: 600, end: from + 600_000 });
});

test('a drag into the future is cut at now; one wholly ahead is ignored', () => {
  assert.deepEqual(between(NOW - 600_000, NOW + 3_600_000, NOW), { spanS: 600, end: null });
  assert.equal(between(NOW, NOW + 3_600_000, NOW), undefined);
});

test('the window of a day follows the time zone and ends now at the latest; a future day has none', () => {
  const yesterday = windowOfDay('2021-09-24', NL, NOW)!;
  assert.deepEqual(yesterday, { spanS: 86_400, end: at('2021-09-24T22:00:00Z') });
  assert.equal(dayOfWindow(yesterday, NL, NOW), '2021-09-24');
  assert.deepEqual(windowOfDay('2021-09-25', NL, NOW), { spanS: 14 * 3600, end: null });
  assert.equal(windowOfDay('2021-10-31', NL, at('2021-12-01T00:00:00Z'))!.spanS, 25 * 3600);
  assert.equal(windowOfDay('2021-09-26', NL, NOW), undefined);
  assert.equal(windowOfDay('', NL, NOW), undefined);
});
