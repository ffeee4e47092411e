import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bestRehearsal, FIRST_MOST_SHARE, type Rehearsed } from './foresight.ts';

interface Run extends Rehearsed {
  readonly name: string;
}

/** Rehearsals by cost, with `t` for a trip, and what each plan was made from. */
async function played(...runs: readonly (readonly [eur: number, trips?: 't'])[]) {
  const plans: string[] = [];
  const best = await bestRehearsal<Run, number>(
    { name: 'free', eur: 0, hasTripped: false },
    {
      plan: ({ name }, pickUp) => plans.push(`${name} ${(FIRST_MOST_SHARE - pickUp).toFixed(1)}`),
      rehearse: async (plan) => {
        const [eur, trips] = runs[plan! - 1]!;
        return { name: `${plan}`, eur, hasTripped: trips === 't' };
      },
    },
  );
  return { best: best.name, plans };
}

test('each plan starts from the rehearsal before it, and the cheapest rehearsal counts', async () => {
  assert.deepEqual(await played([9], [7], [8], [8]), { best: '2', plans: ['free 0.0', '1 0.0', '2 0.0', '3 0.0'] });
});

test('after a trip foresight plans again from the last rehearsal without one, with lower feeder heads', async () => {
  assert.deepEqual(await played([5, 't'], [9], [8, 't'], [7, 't']), {
    best: '2',
    plans: ['free 0.0', 'free 0.1', '2 0.1', '2 0.2'],
  });
});

test('foresight fails only if a feeder trips in every rehearsal', async () => {
  const { best } = await played([9, 't'], [8, 't'], [7, 't'], [8, 't']);
  assert.equal(best, '3');
});
