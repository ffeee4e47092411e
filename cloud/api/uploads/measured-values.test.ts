import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { smallRegion, START } from '../testing/api-fixture.ts';
import { assertNotMeasured, uploadsOf, valuesOfTable } from './measured-values.ts';

const QUARTER_MS = 900_000;
const ROWS = 20_000;

/** Counts the turns of the event loop during a piece of work. */
async function turnsDuring<T>(work: Promise<T>): Promise<{ turns: number; result: T }> {
  const state = { isOver: false };
  void work.finally(() => (state.isOver = true)).catch(() => undefined);
  let turns = 0;
  for (; !state.isOver; turns++) await turn();
  return { turns, result: await work };
}

test('a long file is read in chunks that yield to other work', async () => {
  const columns = {
    target: Array.from({ length: ROWS }, () => 'substation:whf'),
    start: Array.from({ length: ROWS }, (_, row) => new Date(START - (row + 1) * QUARTER_MS).toISOString()),
    value: Array.from({ length: ROWS }, (_, row) => row),
  };
  const read = await turnsDuring(valuesOfTable({ count: ROWS, columns }));
  assert.ok(read.turns >= 4, `${read.turns} turns`);
  assert.equal(read.result.length, ROWS);
  assert.deepEqual(read.result[7], {
    target: 'substation:whf',
    start: START - 8 * QUARTER_MS,
    value: 7,
    quality: 'good',
    pointer: '/body/7',
  });
  const rules = { region: smallRegion(), now: START, resolutionS: 900, unit: 'kW' } as const;
  const checked = await turnsDuring(uploadsOf(read.result, rules));
  assert.ok(checked.turns >= 4, `${checked.turns} turns`);
  const [upload] = checked.result;
  assert.deepEqual([checked.result.length, upload?.values.length, upload?.values[7]?.kw], [1, ROWS, 7]);
});

test('an upload of values decades apart does not read the decades between them', async () => {
  const small = smallRegion();
  const meter = { device: 'transformer', kind: 'transformer', element: 'any', errorPct: 0.5, intervalS: 60 } as const;
  const region = { ...small, substations: small.substations.map((each) => ({ ...each, meters: [meter] })) };
  const values = [START - QUARTER_MS, 0, START - 2 * QUARTER_MS].map((start) => ({
    start,
    kw: 1,
    quality: 'good' as const,
  }));
  const uploads = [{ target: 'substation:owd', resolutionS: 900, values }];
  let steps = 0;
  await assertNotMeasured(uploads, region, async ({ start, end }) => {
    steps += (end - start) / QUARTER_MS;
    return [];
  });
  assert.equal(steps, 3);
  const measured = async ({ start, end }: { readonly start: number; readonly end: number }) =>
    Array.from({ length: (end - start) / QUARTER_MS }, (_, at) => start + at * QUARTER_MS).map((at) => ({
      start: at,
      mean: at === START - QUARTER_MS ? 1 : null,
    }));
  await assert.rejects(assertNotMeasured(uploads, region, measured), { code: 'LS-API-005' });
});
