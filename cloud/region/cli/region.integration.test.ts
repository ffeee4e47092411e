import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { parse, stringify } from 'yaml';

const folder = mkdtempSync(join(tmpdir(), 'ls-region-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const root = join(import.meta.dirname, '../../..');
const network = join(root, 'simulators/data/grids/pandapower/cigre_mv/net.json');

async function region(...args: string[]): Promise<{ code: number; out: string }> {
  const child = spawn(process.execPath, [join(root, 'deploy/loadstone.mjs'), 'region', ...args], { cwd: folder });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out };
}

test('draft, build and check make a model from a foreign network and a gateway file', async () => {
  writeFileSync(
    join(folder, 'gw.yaml'),
    `gateway: { id: mv-01, substation: mv, timezone: Europe/Berlin, latitude: 52.5, longitude: 13.4 }
guarded:
  - { id: transformer, ratedKva: 25000, limits: { importKw: 20000, exportKw: 15000, voltagePu: [0.95, 1.05] } }
  - { id: feeder-1, limits: { importKw: 9000, exportKw: 5000 } }
devices:
  - id: battery-1
    type: battery
    connectionPoint: { id: cp-1, contract: { importKw: 500, exportKw: 500 }, authority: direct }
    ratings: { chargeKw: 500, dischargeKw: 500, capacityKwh: 1000, socPct: [10, 90] }
`,
  );
  const drafted = await region('draft', 'gw.yaml', network);
  assert.equal(drafted.code, 0, drafted.out);
  writeFileSync(join(folder, 'draft.yaml'), drafted.out);
  const empty = await region('build', 'draft.yaml');
  assert.deepEqual(
    [empty.code, /limits must have required properties importKw, exportKw/.test(empty.out)],
    [2, true],
    empty.out,
  );
  mkdirSync(join(folder, 'plans'));
  assert.equal((await region('draft', 'gw.yaml', network, '--out', 'plans/mv.yaml')).code, 0);
  assert.match(readFileSync(join(folder, 'plans/mv.yaml'), 'utf8'), /gateway: \.\.\/gw\.yaml/);
  const again = await region('draft', 'gw.yaml', network, '--out', 'plans/mv.yaml');
  assert.deepEqual([again.code, /--out plans\/mv\.yaml: EEXIST/.test(again.out)], [2, true], again.out);
  const apart = await region('draft', 'gw.yaml', network, '--beside', 'draft.yaml', '--out', 'plans/mv.yaml');
  assert.deepEqual([apart.code, /relative to its folder/.test(apart.out)], [2, true], apart.out);
  const filled = drafted.out
    .replace('importKw:', 'importKw: 20000')
    .replace('exportKw:', 'exportKw: 15000')
    .replace(/(battery-1:\n {8}bus:)/, '$1 5');
  writeFileSync(join(folder, 'plan.yaml'), filled);
  const built = await region('build', 'plan.yaml', '--out', 'region.json');
  assert.match(built.out, /mv {2}.*gateway mv-01\n {4}12 buses, .*feeders mv-1\n {4}1 battery; 3 meters/, built.out);
  const made = JSON.parse(readFileSync(join(folder, 'region.json'), 'utf8')) as {
    substations: { devices: unknown[] }[];
  };
  assert.deepEqual(
    made.substations[0]!.devices.map((each) => Object(each) as { feeder: string; authority: string }).map(
      ({ feeder, authority }) => [feeder, authority],
    ),
    [['mv-1', 'none']],
    'nothing can be written to it',
  );
  const checked = await region('check', 'region.json');
  assert.deepEqual([checked.code, /Region North/.test(checked.out)], [0, true], checked.out);
  const meters = await region('meters', 'region.json');
  assert.equal(meters.code, 0, meters.out);
  assert.match(meters.out, /^mv\n( {2}\d+ {2}[\d.]+ % less, [\d.]+ % of the nominal voltage remain\n){3}$/);
  const asJson = JSON.parse((await region('meters', 'region.json', '--json')).out) as {
    substations: { id: string; nextMeters: { bus: string }[] }[];
  };
  assert.deepEqual(
    asJson.substations.map(({ id, nextMeters }) => [id, nextMeters.map(({ bus }) => bus)]),
    [['mv', [...meters.out.matchAll(/^ {2}(\d+)/gm)].map(([, bus]) => bus)]],
  );
  writeFileSync(join(folder, 'plan.yaml'), filled.replace(/bus: 5$/m, 'bus: 55'));
  const wrong = await region('build', 'plan.yaml', '--out', 'not-written.json');
  assert.deepEqual([wrong.code, /there is no "55"/.test(wrong.out)], [2, true], wrong.out);
});

test('two substations on one transformer are refused, however their network is named', async () => {
  symlinkSync(network, join(folder, 'link.json'));
  const drafted = await region('draft', 'gw.yaml', network);
  const plan = parse(drafted.out.replace('importKw:', 'importKw: 20000').replace('exportKw:', 'exportKw: 15000')) as {
    substations: { id: string }[];
  };
  const [first] = plan.substations;
  for (const named of ['link.json', relative(folder, network)]) {
    const twice = { ...plan, substations: [first, { ...first, id: 'mv2', network: named }] };
    writeFileSync(join(folder, 'twice.yaml'), stringify(twice));
    const { code, out } = await region('build', 'twice.yaml', '--out', 'not-written.json');
    assert.deepEqual(
      [code, /substation mv2: transformer: .* already belongs to substation mv/.test(out)],
      [2, true],
      out,
    );
  }
});

test('usage errors name what is missing, and --print-plan explains each key', async () => {
  assert.equal((await region()).code, 2);
  assert.equal((await region('build')).code, 2);
  const gone = await region('check', 'nowhere.json');
  assert.deepEqual([gone.code, /LS-CONFIG-003/.test(gone.out)], [2, true], gone.out);
  const printed = await region('--print-plan');
  assert.match(printed.out, /headBranch: {2}# first branch of the feeder/);
});
