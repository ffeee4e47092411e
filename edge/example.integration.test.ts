import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ModbusServer } from '../simulators/faces/modbus-server.ts';
import { inverterFace, meterFace } from '../simulators/faces/sunspec-faces.ts';
import { plantSpecs } from '../simulators/region/inputs.ts';
import type { PvSpec } from '../simulators/plant/spec.ts';
import { parseConfig } from './config/load.ts';
import { driverSpecs } from './cycle/driver-specs.ts';
import { siteOf } from './cycle/specs.ts';

const CLI = fileURLToPath(new URL('../deploy/edge-cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ls-example-'));

/** The file of the documentation, line by line. */
const EXAMPLE = `
gateway: { id: owd-01, group: north, substation: owd, timezone: Europe/Amsterdam, latitude: 53.00, longitude: 6.29 }
mode: monitor
uplink:
  url: mqtts://grid.example.net:8883
  keepAliveS: 60
  report: { deadbandPct: 1, minIntervalS: 1, maxIntervalS: 60 }
  budget: { mbPerMonth: 500, warnPct: 80 }
  heartbeat: { intervalS: 60, lostAfterS: 120 }
journal: { path: /var/lib/loadstone/journal, maxMb: 2000, syncMs: 200 }
localBroker: { listen: "192.168.10.1:18830", userFile: /var/lib/loadstone/devices.htpasswd }
guarded:
  - id: transformer
    ratedKva: 630
    meter: { driver: sunspec, host: 192.168.10.20, unitId: 1, pollMs: 250, sign: consumption-positive, staleAfterS: 2 }
    limits: { importKw: 600, exportKw: 400, voltagePu: [0.90, 1.10] }
    failsafe: { importKw: 250, exportKw: 100, minimumHours: 2 }
envelope: { default: { importKw: 250, exportKw: 100 }, narrowAfterS: 900, releaseKwPerS: 5 }
gridCode: en50549-1
devices:
  - id: battery-1
    type: battery
    connectionPoint: { id: cp-1, contract: { importKw: 100, exportKw: 100 }, authority: direct }
    driver: mqtt
    ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 215, socPct: [10, 95], rampKwPerS: 20 }
    sign: generation-positive
    read:  { activePowerKw: { topic: bms/1/state, path: $.power_w, scale: 0.001 }, socPct: { topic: bms/1/state, path: $.soc }, staleAfterS: 5 }
    write: { activePowerKw: { topic: bms/1/set, template: '{"p_w": \${value}}', scale: 1000, keepAliveS: 10, revertAfterS: 60 } }
    safeDefault: { activePowerKw: 0 }
  - id: pv-1
    type: pv-inverter
    connectionPoint: { id: cp-2, contract: { importKw: 5, exportKw: 250 }, authority: limit }
    driver: sunspec
    connection: { host: 192.168.10.21, port: 502, unitId: 1, pollMs: 1000, timeoutMs: 800, silentAtNight: true }
    models: auto
    ratings: { activePowerKw: 250, apparentPowerKva: 275 }
    write: { activePowerLimitKw: { minIntervalS: 5, deadbandPct: 1, revertAfterS: 120 } }
    safeDefault: { activePowerLimitKw: 100 }
  - id: ev-1
    type: ev-site
    connectionPoint: { id: cp-3, contract: { importKw: 100, exportKw: 0 }, floorKw: 16.8, authority: guard }
    driver: ocpp
    connection: { listen: "192.168.10.1:9000", chargers: [cp-01, cp-02, cp-03, cp-04], staleAfterS: 30 }
    ratings: { activePowerKw: 88, minimumKwPerSession: 4.2 }
    safeDefault: { activePowerKw: 17 }
`;

test('the example is taken as it is written, and comes out as it reads: signs, levers, floors, drivers', () => {
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

const cli = (args: readonly string[]): Promise<{ code: number | null; out: string }> => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'edge', ...args], {
    cwd: folder,
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (out += bytes.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out })));
};

test('before the first start: check reads each device once, test moves one, and both say what is missing', async (t) => {
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
  const here = EXAMPLE.replace('host: 192.168.10.20, unitId: 1', `host: 127.0.0.1, port: ${port}, unitId: 1`)
    .replace('host: 192.168.10.21, port: 502, unitId: 1', `host: 127.0.0.1, port: ${port}, unitId: 2`)
    .replace('"192.168.10.1:18830", userFile: /var/lib/loadstone/devices.htpasswd', '"127.0.0.1:0"')
    .replace('192.168.10.1:9000', '127.0.0.1:0')
    .replace('mqtts://grid.example.net:8883', 'mqtt://127.0.0.1:1')
    .replace('/var/lib/loadstone/journal', join(folder, 'journal'));
  const config = join(folder, 'gateway.yaml');
  writeFileSync(config, here);
  const [check, moved, stop, scan] = await Promise.all([
    cli(['check', '--config', config]),
    cli(['test', 'pv-1', '--set', 'activePowerLimitKw=100', '--for', '12s', '--config', config]),
    cli(['stop', 'pv-1', '--config', config]),
    cli(['scan', '127.0.0.1', '--port', String(port), '--unit', '2']),
  ]);
  assert.equal(check.code, 1, check.out);
  for (const words of [
    /no gateway runs/,
    /pv-1 feeds in \d+\.\d kW/,
    /transformer takes/,
    /battery-1 was never heard/,
    /ev-1 was never heard/,
    /uplink is down/,
    /clock is good/,
    /journal is writable/,
  ])
    assert.match(check.out, words);
  assert.equal(moved.code, 0, moved.out);
  assert.match(moved.out, /pv-1: /);
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
