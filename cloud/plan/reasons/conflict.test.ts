import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { conflictInWords } from './conflict-words.ts';
import { canHold, conflictOf } from './conflict.ts';
import { violationEur } from '../search/evaluate.ts';
import { HighsSolver } from '../search/highs-solver.ts';
import { optimise } from '../search/optimise.ts';
import type { Optimised } from '../search/optimised.ts';
import type { LpSolver } from '../problem/lp.ts';
import type { DispatchDevice } from '../problem/problem.ts';
import { batteryAt, pvPlant, smallNetwork, smallProblem } from '../testing/small-feeder.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const broken = ({ layout, best, prices }: Optimised): number => violationEur(layout, best, prices);

test('names the limit that cannot hold, its time, and the device at its end', () => {
  const devices = [batteryAt('b5', { socStart: 0.1, maxReactiveKvar: 0 })];
  const network = smallNetwork();
  const strong = { ...network, lines: network.lines.map((line) => ({ ...line, ratedKva: 9000 })) };
  const found = optimise(smallProblem({ loadKw: [300, 1200], devices, stepS: 900, network: strong }), solver);
  const { text } = conflictInWords(found, conflictOf(found, solver)!).text;
  assert.match(text, /^bus b5 cannot stay above 0\.95 pu at 00:15Z, because battery-b5 /);
  assert.match(text, /battery-b5 may not be emptied below 10 % at 00:15Z/);
  assert.match(text, /battery-b5 charges at most 500 kW at 00:00Z/);
});

/** Batteries that have the power for each step, not the energy for all of them, so that each is part of the conflict. */
test('the solves of a search are bounded, and the conflict says what is left untried', () => {
  const network = smallNetwork(12);
  const strong = { ...network, lines: network.lines.map((line) => ({ ...line, rOhm: 0.02, ratedKva: 90_000 })) };
  const found = optimise(
    smallProblem({
      loadKw: Array.from({ length: 12 }, () => 270),
      stepS: 900,
      importKw: 2500,
      network: strong,
      devices: network.buses.slice(1).map(({ id }, at) => batteryAt(id, { capacityKwh: 200 + 5 * at })),
    }),
    solver,
  );
  let solves = 0;
  const counted: LpSolver = {
    solve(problem, start) {
      solves++;
      return solver.solve(problem, start);
    },
  };
  const whole = conflictOf(found, counted, 1000)!;
  assert.ok(solves > 12, `${solves} solves`);
  assert.ok(whole.isMinimal);
  assert.equal(conflictInWords(found, whole).notMinimal, undefined);
  solves = 0;
  const cut = conflictOf(found, counted, 12)!;
  assert.equal(solves, 12);
  assert.ok(!cut.isMinimal);
  assert.equal(conflictInWords(found, cut).notMinimal, true);
  assert.ok(!canHold(found, cut.members, solver), 'they still cannot hold together');
});

const device = fc.oneof(
  fc
    .record({
      bus: fc.integer({ min: 2, max: 5 }),
      kw: fc.integer({ min: 0, max: 4000 }),
      q: fc.integer({ min: 0, max: 800 }),
    })
    .map(({ bus, kw, q }): DispatchDevice => pvPlant(`b${bus}`, [kw, kw / 2, 0], q)),
  fc
    .record({
      bus: fc.integer({ min: 2, max: 5 }),
      kw: fc.integer({ min: 10, max: 1500 }),
      soc: fc.integer({ min: 0, max: 100 }),
    })
    .map(({ bus, kw, soc }): DispatchDevice =>
      batteryAt(`b${bus}`, {
        chargeKw: kw,
        dischargeKw: kw,
        socStart: soc / 100,
        maxReactiveKvar: kw / 2,
        apparentPowerKva: 1.05 * kw,
      }),
    ),
);

test('property: an infeasible problem has a named conflict, and dropping any member resolves it', () => {
  let infeasible = 0;
  fc.assert(
    fc.property(
      fc.array(device, { maxLength: 4 }),
      fc.array(fc.integer({ min: -1200, max: 1600 }), { minLength: 3, maxLength: 3 }),
      fc.integer({ min: 100, max: 4000 }),
      fc.option(fc.double({ min: 0, max: 0.5, noNaN: true }), { nil: undefined }),
      (devices, loadKw, importKw, spread) => {
        const unique = devices.map((one, at) => ({ ...one, id: `${one.id}-${at}` }));
        const small = { loadKw, devices: unique, importKw };
        const found = optimise(smallProblem(spread === undefined ? small : { ...small, spread }), solver);
        fc.pre(found.best.converged && broken(found) > 0);
        infeasible++;
        const conflict = conflictOf(found, solver);
        assert.ok(conflict !== undefined && conflict.members.length > 0, 'a conflict is named');
        assert.ok(conflict.isMinimal);
        const { members } = conflict;
        assert.ok(members.some(({ kind }) => kind === 'limit'));
        assert.ok(!canHold(found, members, solver), 'together they cannot hold');
        for (const one of members)
          assert.ok(
            canHold(
              found,
              members.filter((other) => other !== one),
              solver,
            ),
            'each is needed',
          );
        const { text } = conflictInWords(found, conflict).text;
        assert.match(
          text,
          /^(bus |line )?\S+ cannot stay .* (at \d\d:\d\dZ|from \d\d:\d\dZ to \d\d:\d\dZ).*, because /,
        );
      },
    ),
    { numRuns: 40 },
  );
  assert.ok(infeasible > 0);
});
