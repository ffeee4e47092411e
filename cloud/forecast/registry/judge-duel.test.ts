import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { DUEL_DAYS, judgeDuel, LEAST_DUEL_DAYS, type DayLosses } from './judge-duel.ts';

/**
 * Daily deviation of the loss difference of models trained a week apart on the shipped series, as a share of the loss, and its correlation
 * from day to day: the smallest, a typical and the largest of the close pairs that `npm run bench -- drift` prints.
 */
const SPREADS = [
  [0.04, 0.62],
  [0.06, 0.2],
  [0.08, 0.03],
  [0.1, 0.47],
  [0.13, 0.18],
] as const;
const DUELS = 1000;

/** Runs whole duels, judged every day; returns the share that ends in a promotion. */
function promoted(gain: number): number {
  const random = new SeededRandom(20261128, `duel ${gain}`);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  let count = 0;
  for (let duel = 0; duel < DUELS; duel++) {
    const [deviation, correlation] = SPREADS[duel % SPREADS.length]!;
    let error = normal();
    const days: DayLosses[] = [];
    let verdict = judgeDuel(days).verdict;
    while (verdict === 'undecided' && days.length < DUEL_DAYS) {
      error = correlation * error + Math.sqrt(1 - correlation ** 2) * normal();
      const difference = gain + deviation * error;
      days.push({ answeringKw: 50 * (1 + difference / 2), besideKw: 50 * (1 - difference / 2) });
      verdict = judgeDuel(days).verdict;
    }
    if (verdict === 'better') count++;
  }
  return count / DUELS;
}

test('with daily looks, at most 5 % of 1,000 duels promote a model that is only equal', () => {
  const share = promoted(0);
  assert.ok(share <= 0.05, `${100 * share} %`);
});

test('a model 5 % better is promoted in at least 80 % of duels, one 5 % worse in none', () => {
  const [better, worse] = [promoted(0.05), promoted(-0.05)];
  assert.ok(better >= 0.8, `${100 * better} %`);
  assert.equal(worse, 0);
});

test('a much better model needs a week of days, and a model is never better than itself', () => {
  const day = { answeringKw: 10, besideKw: 6 };
  const after = (count: number, each: DayLosses): string =>
    judgeDuel(Array.from({ length: count }, () => each)).verdict;
  assert.equal(after(LEAST_DUEL_DAYS - 1, day), 'undecided');
  assert.equal(after(LEAST_DUEL_DAYS, day), 'better');
  assert.equal(after(LEAST_DUEL_DAYS, { answeringKw: 6, besideKw: 10 }), 'worse');
  for (let count = 0; count <= DUEL_DAYS; count++)
    assert.equal(after(count, { answeringKw: 10, besideKw: 10 }), 'undecided');
});
