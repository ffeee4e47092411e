import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { RegionSubstation } from './region.ts';
import type { ShareKw } from './share-schedule.ts';
import { staticShares } from './static-shares.ts';

const limits = { importKw: 9000, exportKw: 6000 };
const substation = (id: string, ratedKva: number, failsafe?: ShareKw): RegionSubstation =>
  ({
    id,
    limits: { importKw: 7200, exportKw: 7200 },
    network: { transformers: [{ ratedKva }] },
    ...(failsafe === undefined ? {} : { failsafe }),
  }) as unknown as RegionSubstation;

test('gateways without a fail-safe share split the remainder by rating', () => {
  const shares = staticShares({
    limits,
    substations: [
      substation('aaa', 8000, { importKw: 6000, exportKw: 1000 }),
      substation('bbb', 8000),
      substation('ccc', 4000),
    ],
  });
  assert.deepEqual(Object.fromEntries(shares), {
    aaa: { importKw: 6000, exportKw: 1000 },
    bbb: { importKw: 2000, exportKw: 3333 },
    ccc: { importKw: 1000, exportKw: 1666 },
  });
});

test("property: fail-safe shares never exceed the region's limit in total and are never negative", () => {
  const one = fc.record({
    ratedKva: fc.integer({ min: 1, max: 40_000 }),
    part: fc.option(fc.double({ min: 0, max: 1 })),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 12 }), (rows) => {
      const sides = ['importKw', 'exportKw'] as const;
      const part = (own: number, side: keyof ShareKw): number => ((own || 0) * limits[side]) / rows.length;
      const substations = rows.map(({ ratedKva, part: own }, at) =>
        substation(
          `s${at}`,
          ratedKva,
          own === null ? undefined : { importKw: part(own, 'importKw'), exportKw: part(own, 'exportKw') },
        ),
      );
      const shares = [...staticShares({ limits, substations }).values()];
      for (const side of sides) {
        const sum = shares.reduce((total, share) => total + share[side], 0);
        assert.ok(sum <= limits[side] + 1e-6 && shares.every((share) => share[side] >= 0), `${side}: ${sum}`);
      }
    }),
  );
});
