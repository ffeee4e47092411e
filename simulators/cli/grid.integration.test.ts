import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const grids = join(root, 'simulators/data/grids');
const folder = mkdtempSync(join(tmpdir(), 'loadstone-grid-'));
after(() => rmSync(folder, { recursive: true }));

function loadstone(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'deploy/loadstone.mjs'), ...args], {
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
}

interface Report {
  readonly converged: boolean;
  readonly iterations: number;
  readonly lossesKw: number;
  readonly islands: { readonly start?: string }[];
  readonly buses: { readonly id: string; readonly vmPu: number; readonly vaDeg: number }[];
  readonly branches: { readonly id: string; readonly fromMva: number; readonly loadingPct: number | null }[];
  readonly steps: { readonly time: string; readonly vmPu: number[] }[];
  readonly solver: string;
}

const powerflow = (...args: string[]): Report => JSON.parse(loadstone('powerflow', '--json', ...args).out) as Report;

test('powerflow reads every format, and an imported network gives the same result', () => {
  const files = [
    'case33bw/case33bw.m',
    'pandapower/cigre_mv/net.json',
    'power-grid-model/line/input.json',
    'simbench-lv-rural1',
  ];
  for (const file of files) {
    const direct = powerflow(join(grids, file));
    assert.equal(direct.converged, true, file);
    const out = join(folder, 'network.json');
    assert.equal(loadstone('grid', 'import', join(grids, file), '--out', out).status, 0, file);
    const { buses, lossesKw } = powerflow(out);
    assert.deepEqual([buses, lossesKw], [direct.buses, direct.lossesKw]);
  }
});

test('powerflow says where Newton started if the no-load voltages failed, also for the imported network', () => {
  const file = join(folder, 'ring.m');
  const ring = (pu: number): string => `mpc.baseMVA = 100;
mpc.bus = [1 3 0 0 0 0 1 1 0 110 1 1.1 0.9; 2 1 -15 8 0 0 1 ${pu} 0 110 1 1.1 0.9; 3 1 33 4 0 0 1 0.95 0 110 1 1.1 0.9
  4 1 21 6 0 0 1 1.17 0 110 1 1.1 0.9; 5 1 8 7 0 0 1 0.89 0 110 1 1.1 0.9];
mpc.gen = [1 0 0 9999 -9999 1 100 1 9999 0];
mpc.branch = [1 2 0.005 0.05 0 0 0 0 0.94 0 1; 2 3 0.005 0.05 0 0 0 0 0.79 0 1; 3 4 0.005 0.05 0 0 0 0 0.74 0 1
  4 5 0.005 0.05 0 0 0 0 1.16 0 1; 5 1 0.005 0.05 0 0 0 0 0.81 0 1];`;
  writeFileSync(file, ring(0.87));
  assert.match(
    loadstone('powerflow', file).out,
    /^converged .*\nisland 1: from the voltages in the file, after failing/,
  );
  const out = join(folder, 'ring.json');
  loadstone('grid', 'import', file, '--out', out);
  assert.deepEqual(
    powerflow(out).islands.map(({ start }) => start),
    ['stated'],
  );
});

test('powerflow with profiles runs once per row', () => {
  const grid = join(grids, 'simbench-lv-rural1');
  const report = powerflow(grid, '--profile', join(grid, 'LoadProfile.csv'), '--profile', join(grid, 'RESProfile.csv'));
  assert.equal(report.steps.length, 96);
  assert.equal(report.solver, 'wasm-simd');
  assert.equal(report.steps[48]!.time, '15.06.2016 12:00');
  assert.deepEqual(
    report.steps.at(-1)!.vmPu,
    report.buses.map(({ vmPu }) => vmPu),
  );
  const csv = join(folder, 'profile.csv');
  writeFileSync(csv, 'time,load-18:kw,other\nnight,0,1\nday,500,1\n');
  const plain = loadstone('powerflow', join(grids, 'case33bw/case33bw.m'), '--profile', csv);
  assert.match(plain.out, /^time,converged,supplyKw,.*\nnight,true,.*\nday,true,/);
  assert.match(plain.err, /unused columns: other/);
});

test('check reports islands and omissions, convert writes for power-grid-model', () => {
  const { status, out, err } = loadstone('grid', 'check', join(grids, 'pandapower/cigre_mv/net.json'));
  assert.equal(status, 0);
  assert.match(
    out,
    /valid, pandapower: 15 buses, 15 lines, 2 transformers.*\nisland 1: 15 buses behind ext_grid-0, radial/,
  );
  assert.match(err, /left out: line 0, 1, 2, .*, std_type: not part of the network model/);
  const target = join(folder, 'pgm.json');
  assert.equal(
    loadstone('grid', 'convert', join(grids, 'case69/case69.m'), '--to', 'power-grid-model', '--out', target).status,
    0,
  );
  const written = JSON.parse(readFileSync(target, 'utf8')) as { type: string; data: { node: unknown[] } };
  assert.deepEqual([written.type, written.data.node.length], ['input', 69]);
});

test('errors name their place and set the exit code', () => {
  const broken = join(folder, 'broken.json');
  writeFileSync(broken, JSON.stringify({ format: 'loadstone-grid', version: 1 }));
  const cases: [string[], number, RegExp][] = [
    [['grid', 'melt', 'x'], 2, /unknown action "melt"/],
    [['grid', 'import'], 2, /give one FILE/],
    [['grid', 'convert', broken, '--to', 'visio'], 2, /--to must be loadstone or power-grid-model, not "visio"/],
    [['grid', 'check', join(folder, 'none.m')], 2, /LS-CONFIG-003: .*none\.m/],
    [['grid', 'check', broken], 2, /LS-GRID-003/],
    [['powerflow', folder], 2, /must contain the CSV files of SimBench/],
  ];
  for (const [args, code, message] of cases) {
    const { status, err } = loadstone(...args);
    assert.match(err, message);
    assert.equal(status, code, args.join(' '));
  }
});

test('a power flow without a solution names the worst bus', () => {
  const text = readFileSync(join(grids, 'case33bw/case33bw.m'), 'utf8').replace(/^(\s*18\s+1\s+)90\b/m, '$190000');
  writeFileSync(join(folder, 'case33bw.m'), text);
  const { status, err } = loadstone('powerflow', join(folder, 'case33bw.m'));
  assert.match(err, /LS-GRID-002: power flow did not converge in \d+ iterations; worst bus "\d+"/);
  assert.equal(status, 1);
});
