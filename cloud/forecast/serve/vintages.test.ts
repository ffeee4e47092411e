import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { ForecastHead } from './forecast-store.ts';
import { chooseVintages, valuesAt } from './vintages.ts';

const STEP = 900_000;
const head = (issued: number, start: number, steps: number): ForecastHead => ({
  id: `${issued}-${start}`,
  issuedAt: issued * STEP,
  start: start * STEP,
  steps,
  resolutionS: 900,
  model: 'm',
  isFallback: false,
});

test('each step uses the newest covering vintage issued in time, as a plain search finds it', () => {
  const heads = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 40 })), {
      maxLength: 25,
    })
    .map((list) =>
      list.map(([issued, ahead, steps]) => head(issued, issued + ahead, steps)).sort((a, b) => a.issuedAt - b.issuedAt),
    );
  fc.assert(
    fc.property(heads, fc.integer({ min: 0, max: 30 }), fc.constantFrom(900, 1800, 3600), (list, lead, resolutionS) => {
      const rule = {
        start: 20 * STEP,
        end: 60 * STEP,
        resolutionS,
        lastIssue: (step: number) => step - lead * STEP,
        all: false,
      };
      const newest = chooseVintages(list, rule);
      const all = chooseVintages(list, { ...rule, all: true });
      for (let start = rule.start; start < rule.end; start += resolutionS * 1000) {
        const fit = list.filter(
          (each) =>
            each.issuedAt <= start - lead * STEP &&
            each.start <= start &&
            each.start + each.steps * STEP >= start + resolutionS * 1000,
        );
        assert.deepEqual(
          all.filter((each) => each.start === start).map((each) => each.head),
          fit,
        );
        assert.deepEqual(
          newest.filter((each) => each.start === start).map((each) => each.head),
          fit.slice(-1),
        );
      }
    }),
  );
});

test('a step that a week-ahead forecast only repeats is answered by the newest original; beyond, by the week', () => {
  const [older, newer] = [head(0, 0, 192), head(1, 1, 192)];
  // Fitting the week ahead of the older one ended after the newer one had been issued.
  const week = { ...head(0, 0, 672), id: 'week', issuedAt: STEP + 2000, copiedTo: 192 * STEP };
  const rule = { start: 2 * STEP, end: 200 * STEP, resolutionS: 900, lastIssue: (step: number) => step, all: false };
  const heads = [older, newer, week];
  const ids = (of: typeof rule): string[] => chooseVintages(heads, of).map((each) => each.head.id);
  assert.deepEqual([...new Set(ids({ ...rule, end: 192 * STEP }))], [newer.id]);
  assert.deepEqual([...new Set(ids({ ...rule, start: 193 * STEP }))], ['week']);
  // An hour that only the week covers whole.
  assert.deepEqual(ids({ ...rule, start: 191 * STEP, end: 195 * STEP, resolutionS: 3600 }), ['week']);
  // Listed on request, since each was issued.
  assert.deepEqual(ids({ ...rule, end: 3 * STEP, all: true }), [older.id, newer.id, 'week']);
});

test('a coarser step is the mean of its finer ones', () => {
  const forecast = {
    start: 0,
    resolutionS: 900,
    values: [
      [1, 2, 3, 4],
      [10, 20, 30, 40],
    ],
  };
  assert.deepEqual(valuesAt(forecast, 0, 3600), [2.5, 25]);
  assert.deepEqual(valuesAt(forecast, 2 * STEP, 1800), [3.5, 35]);
});
