import * as fc from 'fast-check';
import type { Line, Network, Transformer } from '../network.ts';

/** Random radial networks: lines with charging in both orientations, transformers with tap and shift, shunts, generation, an open tie. */
export const randomNetwork: fc.Arbitrary<Network> = fc
  .array(
    fc.record({
      parent: fc.nat(),
      kind: fc.constantFrom('line', 'line', 'line', 'transformer'),
      turned: fc.boolean(),
      rOhm: fc.double({ min: 0, max: 1, noNaN: true }),
      xOhm: fc.double({ min: 0.01, max: 1, noNaN: true }),
      bUs: fc.double({ min: 0, max: 50, noNaN: true }),
      tap: fc.integer({ min: -5, max: 5 }),
      shiftDeg: fc.constantFrom(0, 30, 150, -90),
      activePowerKw: fc.double({ min: -60, max: 80, noNaN: true }),
      reactivePowerKvar: fc.double({ min: -30, max: 40, noNaN: true }),
      bKvar: fc.double({ min: -5, max: 20, noNaN: true }),
    }),
    { minLength: 2, maxLength: 25 },
  )
  .map((items) => {
    const buses = [{ id: 'b0', nominalKv: 10 }, ...items.map((_, at) => ({ id: `b${at + 1}`, nominalKv: 10 }))];
    const lines: Line[] = [];
    const transformers: Transformer[] = [];
    for (const [at, item] of items.entries()) {
      const ends = [`b${item.parent % (at + 1)}`, `b${at + 1}`];
      const [from, to] = (item.turned ? ends.reverse() : ends) as [string, string];
      const common = { from, to, rOhm: item.rOhm, xOhm: item.xOhm, ratedKva: 1000 };
      if (item.kind === 'line') lines.push({ id: `l${at}`, ...common, bUs: item.bUs });
      else
        transformers.push({
          id: `t${at}`,
          ...common,
          ratedFromKv: 10.2,
          ratedToKv: 10,
          ironKw: 2,
          magnetisingKvar: 3,
          tapPosition: item.tap,
          tapStepPct: 1.25,
          shiftDeg: item.shiftDeg,
        });
    }
    lines.push({ id: 'tie', from: 'b0', to: `b${items.length}`, rOhm: 1, xOhm: 1, closed: false });
    return {
      format: 'loadstone-grid',
      version: 1,
      id: 'random',
      name: 'random',
      baseMva: 1,
      topologyVersion: 0,
      buses,
      lines,
      transformers,
      sources: [{ id: 's', bus: 'b0', voltagePu: 1.02, angleDeg: 10 }],
      loads: items.map(({ activePowerKw, reactivePowerKvar }, at) => ({
        id: `d${at}`,
        bus: `b${at + 1}`,
        activePowerKw,
        reactivePowerKvar,
      })),
      shunts: items.map(({ bKvar }, at) => ({ id: `h${at}`, bus: `b${at + 1}`, gKw: 1, bKvar })),
      feeders: [],
    };
  });

/** The same tree with a plain line in place of each transformer. */
export const linesOnly = (network: Network): Network => ({
  ...network,
  transformers: [],
  lines: [
    ...network.lines,
    ...network.transformers.map(({ id, from, to, rOhm, xOhm }) => ({ id, from, to, rOhm, xOhm })),
  ],
});
