import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { shareOut, type Expected } from './region-share.ts';
import type { Quantiles } from './series.ts';

const LIMITS = { importKw: 34_000, exportKw: 40_000 };
const quantiles = (kw: number, down: number, up: number): Quantiles => ({
  mid: [kw],
  low: [kw - down],
  high: [kw + up],
});
const error = fc.integer({ min: 0, max: 4000 });
const members = fc
  .array(fc.tuple(fc.integer({ min: -9000, max: 9000 }), error, error, fc.integer({ min: 1, max: 40_000 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((rows) =>
    rows.map(([kw, down, up, weight], at): Expected => ({
      substation: `s${at}`,
      net: quantiles(kw, down, up),
      weight,
    })),
  );
const sumOf = (expected: readonly Expected[], corner: keyof Quantiles): number =>
  expected.reduce((sum, { net }) => sum + net[corner][0]!, 0);

test('property: the shares of the limit of the region add up to it, and none is negative', () => {
  fc.assert(
    fc.property(members, fc.option(error), (expected, joint) => {
      const region = joint === null ? undefined : quantiles(0, joint, joint);
      const shares = [...shareOut(LIMITS, expected, region).values()];
      for (const side of ['importKw', 'exportKw'] as const) {
        const sum = shares.reduce((total, share) => total + share[side][0]!, 0);
        assert.ok(Math.abs(sum - LIMITS[side]) < 1e-6);
        assert.ok(shares.every((share) => share[side][0]! >= 0));
      }
    }),
    { seed: 5 },
  );
});

test('substations that feed in leave the whole limit to those that draw', () => {
  const expected = Array.from({ length: 10 }, (_, at) => ({
    substation: `s${at}`,
    net: quantiles(at < 5 ? 6000 : -6000, 0, 0),
    weight: 1,
  }));
  const shares = [...shareOut(LIMITS, expected, undefined).values()];
  assert.deepEqual(
    shares.map(({ importKw, exportKw }) => [importKw[0], exportKw[0]]),
    shares.map((_, at) => (at < 5 ? [6800, 0] : [0, 8000])),
  );
});

test('property: where nobody feeds in, if the region can absorb its joint error, so can each substation, and all keep the limit', () => {
  fc.assert(
    fc.property(members, fc.double({ min: 0.2, max: 1, noNaN: true }), (all, part) => {
      const expected = all.filter(({ net }) => net.mid[0]! >= 0);
      fc.pre(expected.length > 0);
      const up = part * (sumOf(expected, 'high') - sumOf(expected, 'mid'));
      const shares = shareOut(LIMITS, expected, quantiles(0, 0, up));
      fc.pre(sumOf(expected, 'mid') + up <= LIMITS.importKw);
      let most = 0;
      for (const { substation, net } of expected) {
        const { importKw, importReliefKw } = shares.get(substation)!;
        const corner = importKw[0]! + importReliefKw[0]!;
        assert.ok(net.high[0]! <= corner + 1e-6, `${substation} needs ${net.high[0]} of ${corner} kW`);
        most += corner - (net.high[0]! - net.mid[0]!);
      }
      assert.ok(
        Math.abs(most + up - LIMITS.importKw) < 1e-6,
        'plans that use all of their shares leave room for the joint error',
      );
    }),
    { seed: 6 },
  );
});

test('without a regional forecast errors are summed without relief', () => {
  const expected = [2000, 5000].map((kw, at) => ({ substation: `s${at}`, net: quantiles(kw, 100, 300), weight: 1 }));
  const { importKw, importReliefKw, exportReliefKw } = shareOut(LIMITS, expected, undefined).get('s0')!;
  assert.deepEqual([importReliefKw, exportReliefKw], [[0], [0]]);
  assert.deepEqual(importKw, [2000 + 300 + (34_000 - 7000 - 600) / 2]);
});
