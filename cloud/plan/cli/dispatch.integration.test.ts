import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..', '..');
const grids = join(root, 'simulators', 'data', 'grids');
const problem = join(grids, 'mpacopf_case33bw_T24.problem.json');
const grid = join(grids, 'case33bw', 'case33bw.m');

const loadstone = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'deploy', 'loadstone.mjs'), 'dispatch', ...args], { encoding: 'utf8' });

test("prints one object with the contract's fields, arrays by device and step", () => {
  const run = loadstone('--problem', problem, '--grid', grid, '--json');
  assert.equal(run.status, 0, run.stderr);
  const answer = JSON.parse(run.stdout) as Record<string, unknown>;
  assert.deepEqual(Object.keys(answer), [
    'costEur',
    'penaltyEur',
    'maxVoltageViolationPu',
    'maxBranchViolationPct',
    'rounds',
    'solveMs',
    'pvMw',
    'pvMvar',
    'batteryDischargeMw',
    'batteryChargeMw',
    'batteryMvar',
    'importMw',
  ]);
  const shape = (key: string): number[] => (answer[key] as number[][]).map((row) => row.length);
  assert.deepEqual(shape('pvMw'), [24, 24, 24, 24]);
  assert.deepEqual(shape('batteryMvar'), [24, 24, 24]);
  assert.equal((answer['importMw'] as number[]).length, 24);
});

test('errors name the option, file or field and exit with 2', () => {
  assert.equal(loadstone('--help').status, 0);
  const without = loadstone('--problem', problem);
  assert.equal(without.status, 2);
  assert.match(without.stderr, /--grid/);
  const missing = loadstone('--problem', '/nowhere.json', '--grid', grid);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /LS-CONFIG-003.*\/nowhere\.json/);
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  try {
    const broken = join(folder, 'broken.json');
    const stated = JSON.parse(readFileSync(problem, 'utf8')) as { load_factor: number[] };
    writeFileSync(broken, JSON.stringify({ ...stated, load_factor: [1, 2] }));
    const run = loadstone('--problem', broken, '--grid', grid);
    assert.equal(run.status, 2);
    assert.match(run.stderr, /LS-OPT-005.*load_factor has 2 values; it must have 24/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a meshed network, here with a tie closed, is refused with the branch to open', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  try {
    const meshed = join(folder, 'meshed.m');
    const text = readFileSync(grid, 'utf8');
    const tie = /^(\t12\t22\t.*\t)0(\t-360\t360;)$/m;
    assert.match(text, tie);
    writeFileSync(meshed, text.replace(tie, '$11$2'));
    const refused = loadstone('--problem', problem, '--grid', meshed);
    assert.equal(refused.status, 2);
    assert.match(
      refused.stderr,
      /LS-GRID-001.*plans need a radial network: branch "\S+" closes a loop: open it, or another/,
    );
    assert.doesNotMatch(refused.stderr, /use the meshed solver/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The shipped problem with some of its fields changed. */
function stated(over: Record<string, unknown>, look: (run: ReturnType<typeof loadstone>) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-'));
  try {
    const file = join(folder, 'stated.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(problem, 'utf8')), ...over }));
    look(loadstone('--problem', file, '--grid', grid, '--json'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a problem without PV and batteries is planned', () => {
  const none = { pv_bus: [], pv_cap_MW: [], bat_bus: [], bat_pmax_MW: [], bat_energy_MWh: [] };
  stated({ ...none, vmin: 0.9 }, ({ status, stdout, stderr }) => {
    assert.equal(status, 0, stderr);
    const answer = JSON.parse(stdout) as { pvMw: number[][]; batteryMvar: number[][]; importMw: number[] };
    assert.deepEqual([answer.pvMw, answer.batteryMvar], [[], []]);
    assert.ok(answer.importMw.every((mw) => mw > 0));
  });
});

test('a plan that passes limits says by how much, and what conflicts near it, not that there is none', () => {
  stated({ vmin: 0.995 }, ({ status, stdout, stderr }) => {
    assert.equal(status, 1);
    assert.ok((JSON.parse(stdout) as { maxVoltageViolationPu: number }).maxVoltageViolationPu > 1e-3);
    assert.match(
      stderr,
      /found no plan that keeps all limits; there may still be one\. This one passes a voltage limit by/,
    );
    assert.match(
      stderr,
      /linearised around it, these cannot hold together: bus \d+ cannot stay above 0\.995 pu at .*, because /,
    );
    assert.doesNotMatch(stderr, /least|no plan keeps/);
  });
  stated({ soc0: 0.1, soc_final_min: 0.9, bat_pmax_MW: [0.01, 0.01, 0.01] }, ({ status, stderr }) => {
    assert.equal(status, 1);
    assert.match(stderr, /a battery ends \d+\.\d % of its capacity below the requested level/);
  });
});

test('with dates of connection a plant feeds in more the older it is', () => {
  const fedInMwh = (dates: readonly string[]): number[] => {
    let sums: number[] = [];
    stated({ pv_cap_MW: [3, 3, 3, 3], pv_connected_on: dates }, (run) => {
      assert.equal(run.status, 0, run.stderr);
      const { pvMw } = JSON.parse(run.stdout) as { pvMw: number[][] };
      sums = pvMw.map((steps) => steps.reduce((sum, mw) => sum + mw, 0));
    });
    return sums;
  };
  const dates = ['2012-01-01', '2016-01-01', '2020-01-01', '2024-01-01'];
  const [rising, falling] = [fedInMwh(dates), fedInMwh(dates.toReversed())];
  const show = `${rising.join(' ')}; ${falling.join(' ')}`;
  assert.ok(rising[0]! > 1.1 * falling[0]! && falling[3]! > 1.1 * rising[3]!, show);
});

test('impossible values are refused by name', () => {
  stated({ vmin: 1.1 }, ({ status, stderr }) => {
    assert.equal(status, 2);
    assert.match(stderr, /LS-OPT-005.*vmin 1\.1 is above vmax/);
  });
  stated({ soc0: 1.5 }, ({ status, stderr }) => {
    assert.equal(status, 2);
    assert.match(stderr, /LS-OPT-005.*\/soc0: must be <= 1/);
  });
});
