import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ModbusServer } from '../simulators/faces/modbus-server.ts';
import { inverterFace, meterFace } from '../simulators/faces/sunspec-faces.ts';
import { plantSpecs } from '../simulators/region/inputs.ts';
import type { PvSpec } from '../simulators/plant/spec.ts';
import { parseConfig } from './config/load.ts';
import { hostIdOf } from './config/reads.ts';
import { driverSpecs } from './cycle/driver-specs.ts';
import { userLine } from './drivers/device-users.ts';
import { siteOf } from './cycle/specs.ts';

const CLI = fileURLToPath(new URL('../deploy/edge-cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ls-example-'));

/** The guide's configurations, verbatim. */
const GUIDE = readFileSync(new URL('GATEWAY.md', import.meta.url), 'utf8');
const [EXAMPLE = '', SPARKPLUG = ''] = [...GUIDE.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text!);

test('the example configuration parses with its signs, levers, floors and drivers', () => {
  const config = parseConfig(EXAMPLE, 'gateway.yaml');
  const { specs, elements } = siteOf(config);
  assert.deepEqual(
    specs.map(({ id, lever, authority, rating, floorKw, safeKw }) => [
      id,
      lever,
      authority,
      rating.minKw,
      rating.maxKw,
      floorKw,
      safeKw,
    ]),
    [
      ['battery-1', 'power', 'direct', -100, 100, 0, 0],
      ['pv-1', 'export-limit', 'limit', -250, 0, 0, -100],
      ['ev-1', 'import-limit', 'guard', 0, 88, 16.8, 17],
    ],
  );
  assert.deepEqual([elements[0]?.range, elements[0]?.failsafe?.minimumS], [{ minKw: -400, maxKw: 600 }, 7200]);
  const drivers = driverSpecs(config);
  assert.deepEqual(
    drivers.map(({ id, driver, staleAfterS }) => [id, driver, staleAfterS]),
    [
      ['transformer', 'sunspec', 2],
      ['battery-1', 'mqtt', 5],
      ['pv-1', 'sunspec', 5],
      ['ev-1', 'ocpp', 30],
    ],
  );
  const pv = drivers.find(({ id }) => id === 'pv-1');
  assert.ok(pv?.driver === 'sunspec' && pv.gridCode?.code.name === 'EN 50549-1, low voltage');
  const serial = EXAMPLE.replace('host: 192.168.10.21, port: 502', 'serial: /dev/ttyUSB0, baud: 19200, parity: even');
  const device = parseConfig(serial, 'gateway.yaml').devices[1];
  assert.ok(device?.driver === 'sunspec' && device.connection.serial === '/dev/ttyUSB0');
});

test('the example of Sparkplug devices parses as written', () => {
  const config = parseConfig(`gateway: { id: owd-01, substation: owd }\n${SPARKPLUG}`, 'gateway.yaml');
  const [{ lever, safeKw } = {}] = siteOf(config).specs;
  assert.deepEqual([lever, safeKw], ['power', 0]);
  const specs = driverSpecs(config).map((spec) => {
    assert.ok(spec.driver === 'sparkplug');
    const { group, node, device } = spec.connection;
    return [spec.id, spec.sign, group, node, device, spec.staleAfterS];
  });
  assert.deepEqual(specs, [
    ['feeder-1', 'consumption-positive', 'site-7', 'plc-1', 'meter', 10],
    ['battery-2', 'generation-positive', 'site-7', 'plc-1', 'battery', 60],
  ]);
  assert.match(GUIDE, new RegExp(`spBv1.0/STATE/${hostIdOf(config)}`));
});

const cli = (args: readonly string[]): Promise<{ code: number | null; out: string }> => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'edge', ...args], {
    cwd: folder,
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (out += bytes.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out })));
};

test('before the first start check reads each device, test moves one, and both report what is missing', async (t) => {
  const own = plantSpecs()[0]!.devices.find((each): each is PvSpec => each.type === 'pv-inverter')!;
  const spec = { ...own, ratedKw: 250, maxReactiveKvar: 100 };
  const meter = meterFace('M');
  let limitKw = 250;
  const pv = inverterFace('P', spec, ({ activePowerLimitKw }) => {
    limitKw = activePowerLimitKw ?? limitKw;
    show();
  });
  const show = (): void => {
    const fedKw = Math.min(143.2, limitKw);
    pv.show({ activePowerKw: -fedKw, reactivePowerKvar: 0, voltagePu: 1.01, activePowerLimitKw: limitKw });
    meter.show({ activePowerKw: 300 - fedKw, reactivePowerKvar: 0, voltagePu: 1 });
  };
  show();
  const server = new ModbusServer(
    new Map([
      [1, meter.registers],
      [2, pv.registers],
    ]),
  );
  const port = await server.start(0);
  t.after(() => server.stop());
  const users = join(folder, 'users.htpasswd');
  writeFileSync(users, `${await userLine('cp-01', 'a password')}\n`);
  const here = EXAMPLE.replace('host: 192.168.10.20, unitId: 1', `host: 127.0.0.1, port: ${port}, unitId: 1`)
    .replace('host: 192.168.10.21, port: 502, unitId: 1', `host: 127.0.0.1, port: ${port}, unitId: 2`)
    .replace('"192.168.10.1:18830"', '"127.0.0.1:0"')
    .replaceAll(/\/var\/lib\/loadstone-edge\/(devices|chargers)\.htpasswd/g, users)
    .replace('192.168.10.1:9000', '127.0.0.1:0')
    .replace('mqtts://grid.example.net:8883', 'mqtts://127.0.0.1:1')
    .replace('minIntervalS: 5', 'minIntervalS: 1')
    .replace('/var/lib/loadstone-edge/journal', join(folder, 'journal'));
  const config = join(folder, 'gateway.yaml');
  writeFileSync(config, here);
  // On a busy machine a reading may come late. The step then proves nothing, says so, and is repeated.
  const proven = async (tries = 3): ReturnType<typeof cli> => {
    const result = await cli(['test', 'pv-1', '--set', 'activePowerLimitKw=100', '--for', '40s', '--config', config]);
    return result.code !== 0 && result.out.includes('NOT PROVEN') && tries > 1 ? proven(tries - 1) : result;
  };
  const [check, moved, stop, scan] = await Promise.all([
    cli(['check', '--config', config]),
    proven(),
    cli(['stop', 'pv-1', '--config', config]),
    cli(['scan', '127.0.0.1', '--port', String(port), '--unit', '2']),
  ]);
  assert.equal(check.code, 1, check.out);
  for (const words of [
    /no gateway is running/,
    /pv-1 feeds in \d+\.\d kW/,
    /transformer takes/,
    /battery-1 has never reported/,
    /ev-1 has never reported/,
    /uplink is down/,
    /clock is good/,
    /journal is writable/,
    /lacks devices\[\]\.user: "bms-1" is not in .*users\.htpasswd and cannot connect; "loadstone edge passwd" prints its line/,
    /lacks connection\.chargers: cp-02, cp-03, cp-04 not in .*users\.htpasswd/,
  ])
    assert.match(check.out, words);
  assert.equal(moved.code, 0, moved.out);
  assert.match(moved.out, /pv-1: PROVEN, it changes by \d+\.\d kW within/);
  assert.deepEqual([stop.code, /is it running/.test(stop.out)], [1, true], stop.out);
  assert.deepEqual([scan.code, /solar inverter, serial number P/.test(scan.out)], [0, true], scan.out);
  writeFileSync(config, here.replace('importKw: 600', 'importKW: 600'));
  const wrong = await cli(['check', '--config', config]);
  assert.deepEqual(
    [wrong.code, /importKW is not a known key; did you mean "importKw"/.test(wrong.out)],
    [2, true],
    wrong.out,
  );
});
