import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ForecastHead, HeadQuery } from '../../forecast/serve/forecast-store.ts';
import { chosenOf } from './vintage-rows.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const T0 = Date.UTC(2021, 8, 25);

/** A store with these heads, and the queries it received. */
function vintagesOf(heads: readonly ForecastHead[]) {
  const asked: HeadQuery[] = [];
  const deps = {
    vintages: {
      heads: async (query: HeadQuery) => {
        asked.push(query);
        return heads.filter(({ issuedAt }) => issuedAt >= query.from && issuedAt <= query.to);
      },
      get: async () => undefined,
      newest: async () => undefined,
      newestWeekAhead: async () => undefined,
    },
  };
  return { asked, deps };
}

test('a page of a long span reads only as many vintages as it shows', async () => {
  const heads = Array.from({ length: 96 * 3 }, (_, index) => {
    const issuedAt = T0 + index * 900_000;
    return { id: `${index}`, issuedAt, start: issuedAt, steps: 192, resolutionS: 900, model: 'm', isFallback: false };
  });
  const { asked, deps } = vintagesOf(heads);
  const query = { start: '2021-09-25T00:00:00Z', end: '2021-09-28T00:00:00Z', vintages: 'all', limit: 1000 } as const;
  const targets = ['substation:owd', 'substation:whf'];
  const whole = await chosenOf(query, targets, { deps, issuedBefore: T0 + 3 * DAY_MS });
  assert.ok(whole.length > 50_000, `${whole.length}`);
  asked.length = 0;
  const page = await chosenOf(query, targets, { deps, issuedBefore: T0 + 3 * DAY_MS, most: 1001 });
  assert.equal(page.length, 1001);
  assert.deepEqual(page, whole.slice(0, 1001));
  assert.deepEqual(
    asked.map(({ target }) => target),
    ['substation:owd'],
  );
});

test('a step gets the same answer wherever the requested span begins', async () => {
  // An external forecast that reaches six weeks ahead.
  const { deps } = vintagesOf([
    { id: 'x', issuedAt: T0, start: T0, steps: 1000, resolutionS: 3600, model: 'external:x', isFallback: false },
  ]);
  const stepOf = async (days: number) => {
    const start = new Date(T0 + days * DAY_MS).toISOString();
    const end = new Date(T0 + 40 * DAY_MS).toISOString();
    const query = { start, end, resolution: 'PT1H', kind: 'external' } as const;
    const chosen = await chosenOf(query, ['substation:owd'], { deps, issuedBefore: T0 + 50 * DAY_MS });
    return chosen.find((each) => each.start === T0 + 30 * DAY_MS)?.head.id;
  };
  assert.deepEqual([await stepOf(0), await stepOf(30)], ['x', 'x']);
});
