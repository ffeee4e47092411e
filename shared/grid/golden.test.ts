import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { batchSolver } from './kernel/batch-solver.ts';
import { importMatpower } from './matpower.ts';
import { compileRadial, nominalInput, solveRadial } from './radial.ts';
import { prepareNetwork } from './solve.ts';

interface Expected {
  readonly bus: number[];
  readonly vm_pu: number[];
  readonly va_deg: number[];
  readonly pf_MW: number[];
  readonly qf_Mvar: number[];
  readonly pt_MW: number[];
  readonly qt_Mvar: number[];
  readonly loss_kW: number;
}

type Tolerance = Record<'vmPu' | 'vaDeg' | 'powerMw' | 'lossesKw', number>;

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const near = (actual: number, expected: number, tolerance: number, what: string): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} is not ${expected} within ${tolerance}`);

const kernel = batchSolver();

function agree(file: string, expected: Expected, tolerance: Tolerance): void {
  const { network, omitted } = importMatpower(readFileSync(file, 'utf8'), basename(file, '.m'));
  assert.deepEqual(
    omitted.filter((omission) => omission.changesResult),
    [],
  );
  const prepared = prepareNetwork(network);
  const solution = prepared.solve();
  assert.equal(solution.converged, true);
  const busAt = new Map(solution.buses.map((bus) => [bus.id, bus]));
  for (const [at, number] of expected.bus.entries()) {
    const bus = busAt.get(String(number))!;
    near(bus.vmPu, expected.vm_pu[at]!, tolerance.vmPu, `voltage of bus ${number}`);
    near(bus.vaDeg, expected.va_deg[at]!, tolerance.vaDeg, `angle of bus ${number}`);
  }
  for (const { id, fromKw, fromKvar, toKw, toKvar } of solution.branches) {
    const row = Number(id.slice(1)) - 1;
    near(fromKw / 1000, expected.pf_MW[row]!, tolerance.powerMw, `${id} from, active`);
    near(fromKvar / 1000, expected.qf_Mvar[row]!, tolerance.powerMw, `${id} from, reactive`);
    near(toKw / 1000, expected.pt_MW[row]!, tolerance.powerMw, `${id} to, active`);
    near(toKvar / 1000, expected.qt_Mvar[row]!, tolerance.powerMw, `${id} to, reactive`);
  }
  near(solution.lossesKw, expected.loss_kW, tolerance.lossesKw, 'losses');

  let lossesKw = 0;
  for (const grid of prepared.radial ?? []) {
    const batch = kernel.solve(grid, { steps: 1, ...nominalInput(grid) }, { tolerancePu: 1e-11 });
    lossesKw += batch.lossesKw[0]!;
    for (const [at, number] of expected.bus.entries()) {
      const bus = grid.busIndex.get(String(number));
      if (bus !== undefined) near(batch.vmPu[bus]!, expected.vm_pu[at]!, tolerance.vmPu, `bus ${number} by the kernel`);
    }
  }
  if (prepared.radial !== undefined) near(lossesKw, expected.loss_kW, tolerance.lossesKw, 'losses by the kernel');
}

for (const folder of globSync('simulators/data/grids/case*', { cwd: root }).sort())
  test(`golden: ${basename(folder)}`, () => {
    const at = join(root, folder);
    agree(
      join(at, `${basename(folder)}.m`),
      json(join(at, 'expected.json')) as Expected,
      json(join(at, 'tolerance.json')) as Tolerance,
    );
  });

test('matches published figures', () => {
  const known = [
    ['case33bw', 202.677126, '18', 0.913090479],
    ['case69', 224.991694, '65', 0.909187714],
    ['case85', 299.307491, '54', 0.873890313],
  ] as const;
  for (const [name, lossesKw, bus, vmPu] of known) {
    const text = readFileSync(join(root, `simulators/data/grids/${name}/${name}.m`), 'utf8');
    const grid = compileRadial(importMatpower(text).network);
    const solution = solveRadial(grid, nominalInput(grid));
    near(solution.lossesKw, lossesKw, 5e-7, `losses of ${name}`);
    near(Math.min(...solution.vmPu), vmPu, 5e-10, `lowest voltage of ${name}`);
    near(solution.vmPu[grid.busIndex.get(bus)!]!, vmPu, 5e-10, `voltage of bus ${bus} of ${name}`);
  }
});

const shelf = resolve(root, '../shared/data/grids');
const radial = ['case12da', 'case16ci', 'case18', 'case22', 'case28da', 'case51ga', 'case74ds'];
const meshed = ['case14', 'case30', 'case57'];
const skip =
  !existsSync(shelf) && 'the reference cases are missing: put them beside this clone, at ../shared/data/grids';
test('reads every MATPOWER reference case', { skip }, async (t) => {
  for (const name of [...radial, ...meshed])
    await t.test(name, () => {
      const expected = json(join(shelf, `reference/matpower_pf_${name}.json`)) as Expected;
      const tolerance = { vmPu: 1e-8, vaDeg: 1e-6, powerMw: 1e-7, lossesKw: 1e-5 };
      agree(join(shelf, `matpower/${name}.m`), expected, tolerance);
    });
});
