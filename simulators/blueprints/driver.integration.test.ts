import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type * as load from '../../edge/config/load.ts';
import type * as rigs from '../../edge/cycle/testing/rig.ts';

const run = promisify(execFile);
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const TIERS = ['shared', 'edge', 'cloud', 'simulators', 'deploy'];
const BLUEPRINT = 'edge/drivers/blueprint';
const TABLE = 'edge/drivers/table.ts';

const STATION = `
gateway: { id: owd-01, substation: owd, timezone: Europe/Amsterdam }
mode: automatic
guarded:
  - { id: transformer, limits: { importKw: 100 }, meter: { driver: pulse, topic: t, read: { activePowerKw: {} } } }
envelope: { default: { importKw: 100, exportKw: 100 } }
devices:
  - id: battery-1
    type: battery
    driver: pulse
    topic: b
    ratings: { chargeKw: 50, dischargeKw: 50, capacityKwh: 100 }
    read: { activePowerKw: { scale: 0.001 }, socPct: {} }
    write: { activePowerKw: {} }
    safeDefault: { activePowerKw: 0 }
`;

/** The sources, linked to the packages of this tree. */
function copyOfTree(t: TestContext): string {
  const copy = mkdtempSync(join(tmpdir(), 'loadstone-blueprint-'));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  const built = (path: string): boolean => ['node_modules', 'dist', '.loadstone'].includes(basename(path));
  for (const tier of TIERS)
    cpSync(join(root, tier), join(copy, tier), { recursive: true, filter: (path) => !built(path) });
  for (const name of ['package.json', 'tsconfig.json']) cpSync(join(root, name), join(copy, name));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** The folder of the blueprint under another name. */
function addFolder(copy: string): string[] {
  const folder = 'edge/drivers/pulse';
  mkdirSync(join(copy, folder));
  return globSync(`${BLUEPRINT}/*`, { cwd: copy }).map((file) => {
    const text = readFileSync(join(copy, file), 'utf8');
    const name = join(folder, basename(file));
    writeFileSync(join(copy, name), text.replaceAll('blueprint', 'pulse').replaceAll('Blueprint', 'Pulse'));
    return name;
  });
}

function addToTable(copy: string): void {
  const table = readFileSync(join(copy, TABLE), 'utf8');
  const added = table
    .replace(/^import .*ocpp.*$/m, (line) => `${line}\nimport { pulse } from './pulse/protocol.ts';`)
    .replace('ocpp] as const', 'ocpp, pulse] as const');
  assert.equal(added.split('pulse').length - 1, 3, 'its import and its name');
  writeFileSync(join(copy, TABLE), added);
}

/** Files of the copy that are not as they are here. */
const changed = (copy: string): string[] =>
  globSync(`{${TIERS.join(',')}}/**/*.{ts,tsx,mjs,json,md}`, { cwd: copy })
    .filter((file) => {
      const [there, here] = [copy, root].map((tree) => globSync(file, { cwd: tree }).length === 1);
      return there !== here || readFileSync(join(copy, file), 'utf8') !== readFileSync(join(root, file), 'utf8');
    })
    .sort();

test('a driver is its folder and its name in the table: types, layers, conformance, and a gateway that runs on it', async (t) => {
  const copy = copyOfTree(t);
  const folder = addFolder(copy);
  addToTable(copy);
  assert.deepEqual(changed(copy), [...folder, TABLE].sort());

  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const bin = (name: string): string => join(root, 'node_modules/.bin', name);
  const inCopy = (command: string, ...args: string[]) => run(bin(command), args, { cwd: copy, env });
  await inCopy('tsc', '--noEmit');
  await inCopy('node', '--test', 'shared/layers.test.ts');
  const suite = await inCopy(
    'node',
    '--test',
    '--test-reporter=tap',
    ...folder.filter((file) => file.endsWith('.test.ts')),
  );
  assert.match(suite.stdout, /# Subtest: pulse: nothing outside the span goes over the wire/);
  assert.match(suite.stdout, /# fail 0/);

  const { printConfig } = (await import(join(copy, 'edge/config/load.ts'))) as typeof load;
  assert.match(printConfig(), /pulse/);

  const { makeRig } = (await import(join(copy, 'edge/cycle/testing/rig.ts'))) as typeof rigs;
  const nothing = STATION.replace('read: { activePowerKw: {} } }', 'read: {} }');
  await assert.rejects(makeRig({ yaml: nothing }), /guarded\S*meter\.read reads nothing; name at least one metric/);
  const rig = await makeRig({ yaml: STATION });
  Object.assign(rig.world, { 't/activePowerKw': 130, 'b/activePowerKw': 20_000, 'b/socPct': 50 });
  await rig.run(10);
  assert.equal(rig.gateway.status().devices[0]?.activePowerKw, 20);
  assert.ok(rig.told('b/activePowerKw/set')! < 0, 'the guard relieves the transformer by it');
});
