import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storedPoints } from '../../cloud/telemetry/testing/stored-points.ts';
import { until } from '../../shared/testing/until.ts';
import type { Registers } from '../../simulators/faces/modbus-unit.ts';
import { inverterFace } from '../../simulators/faces/sunspec-faces.ts';
import { buildRegion } from '../../simulators/region/region.ts';
import { debianTool } from '../debian.mjs';
import { packageCommonDeb, packageDeb } from '../package-deb.ts';
import { packageEdge } from '../package-edge.ts';
import { boot } from './own-machine.ts';

const root = join(import.meta.dirname, '../..');
const FIRST_REGISTER = 40_000;
const GATEWAY = 'owd-01';
/** Each walk uses its own loopback addresses for device and cloud. */
const NET = `127.${1 + (process.pid % 250)}.${(process.pid >> 8) % 250}`;
const DEVICE = `${NET}.21`;
const CLOUD = `${NET}.1`;
/** Their names in the guide. */
const GUIDES = { devices: '192.168.10.20-40', cloud: 'grid.example.net' } as const;

/** Packages that a Debian from the installer has and one from debootstrap lacks. */
export const MINIMAL = ['systemd', 'systemd-sysv', 'sudo'];

/** The commands of the guide's short way, one per line. */
export function guideCommands(): string[] {
  const guide = readFileSync(join(root, 'edge/GATEWAY.md'), 'utf8');
  const [, block = ''] = /^## The short way\n[^]*?```sh\n([^]*?)```/m.exec(guide) ?? [];
  return block.trim().split('\n');
}

export interface FirstPoint {
  readonly commands: number;
  readonly minutes: number;
  /** Output of each command. */
  readonly transcript: string;
  /** Value of the device, as the cloud stored it. */
  readonly activePowerKw: number;
}

/**
 * Types the commands of the guide on a machine whose root is an overlay over `lower`, beside a running cloud and a field device, until the
 * cloud has stored a value of the device. The device is a third-party Modbus server with the registers of a SunSpec inverter.
 */
export async function walkToFirstPoint(lower: string): Promise<FirstPoint> {
  const folder = mkdtempSync(join(tmpdir(), 'ls-first-point-'));
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  const running: ChildProcess[] = [];
  let end = (): void => undefined;
  try {
    await packInto(shared);
    running.push(await startDevice(folder));
    const cloud = await startCloud(folder);
    running.push(cloud.child);
    writeFileSync(join(shared, 'token.txt'), cloud.token());
    const machine = await boot(shared, join(folder, 'root'), lower);
    end = machine.end;
    machine.run('sh', '-c', `echo "${CLOUD} ${GUIDES.cloud}" >> /etc/hosts`);
    machine.run('apt-get', 'update');
    // The guide's commands use sudo. If it is missing, root gets a pass-through.
    machine.run(
      'sh',
      '-c',
      `command -v sudo || { printf '#!/bin/sh\\nexec "$@"\\n' > /usr/bin/sudo; chmod 755 /usr/bin/sudo; }`,
    );
    const commands = guideCommands();
    const from = performance.now();
    let transcript = '';
    for (const line of commands) {
      const { status, out } = await machine.type(line.replace(GUIDES.devices, `${DEVICE}-25`), 'y\n');
      transcript += `$ ${line}\n${out}\n`;
      assert.equal(status, 0, transcript);
    }
    const activePowerKw = await until(
      () =>
        `${transcript}\n${machine.run('journalctl', '--no-pager', '-n', '30', '-u', 'loadstone-edge')}\n${cloud.said()}`,
      () => cloud.stored(),
    );
    return { commands: commands.length, minutes: (performance.now() - from) / 60_000, transcript, activePowerKw };
  } finally {
    end();
    await Promise.all(running.map(ended));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Ends a child by a signal that the launcher can forward. */
async function ended(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  if (child.kill()) await closed;
}

async function packInto(out: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const folder = join(out, 'packed');
  await packageEdge({ out: folder, arch });
  packageCommonDeb({ out, version, compression: 'none' });
  packageDeb({ tier: 'edge', folder, out, arch, version, compression: 'none' });
  rmSync(folder, { recursive: true });
}

const PYMODBUS = `
import asyncio, json, sys
from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server import StartAsyncTcpServer
words = {int(at) + 1: word for at, word in json.load(open(sys.argv[1])).items()}
unit = ModbusSlaveContext(hr=ModbusSparseDataBlock(words))
asyncio.run(StartAsyncTcpServer(ModbusServerContext(slaves=unit), address=(sys.argv[2], 502)))
`;

const INVERTER = {
  id: 'pv',
  type: 'pv-inverter',
  bus: '1',
  feeder: 'owd-1',
  revertAfterS: 60,
  ratedKw: 250,
  apparentPowerKva: 275,
  maxReactiveKvar: 110,
  safeLimitKw: 100,
} as const;
/** Consumption is positive. */
export const FEED_IN_KW = -80;

/** A 250 kW solar inverter that feeds in 80 kW, on the Modbus port. */
async function startDevice(folder: string): Promise<ChildProcess> {
  const inverter = inverterFace('F-1', INVERTER, () => undefined);
  inverter.show({ activePowerKw: FEED_IN_KW, reactivePowerKvar: 0, voltagePu: 1 });
  const file = join(folder, 'registers.json');
  writeFileSync(file, JSON.stringify(wordsOf(inverter.registers)));
  const { path, env } = debianTool('pymodbus');
  // If the package was unpacked, its Python modules are beside it.
  const modules = join(path, '../../lib/python3/dist-packages');
  const child = spawn('python3', ['-c', PYMODBUS, file, DEVICE], {
    env: { ...env, PYTHONPATH: modules },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
  await until(
    () => `pymodbus listens: ${complaint}`,
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(502, DEVICE, () => resolve(true));
        socket.once('error', () => resolve(false));
        socket.once('connect', () => socket.end());
      }),
  );
  return child;
}

function wordsOf(registers: Registers): Record<number, number> {
  const words: Record<number, number> = {};
  for (let at = FIRST_REGISTER; ; at++) {
    const word = registers.read(at);
    if (word === undefined) return words;
    words[at] = word;
  }
}

async function startCloud(folder: string) {
  const data = join(folder, 'cloud');
  const config = join(folder, 'cloud.yaml');
  writeFileSync(join(folder, 'region.json'), JSON.stringify(buildRegion(['owd'])));
  writeFileSync(
    config,
    `region: ${folder}/region.json\ndata: ${data}\nuplink: { host: ${CLOUD}, names: [${GUIDES.cloud}] }\napi: { port: 0 }\n`,
  );
  const loadstone = [join(root, 'deploy/loadstone.mjs')];
  const ask = (...args: string[]): string =>
    execFileSync(process.execPath, [...loadstone, ...args, '--config', config], { encoding: 'utf8' });
  ask('pki', 'init');
  const child = spawn(process.execPath, [...loadstone, 'cloud', '--config', config]);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  await until(
    () => `the cloud runs: ${said}`,
    () => child.exitCode !== null || said.includes('by TLS'),
  );
  assert.equal(child.exitCode, null, said);
  return {
    child,
    said: () => said.slice(-5000),
    token: () => ask('pki', 'token', GATEWAY),
    stored: () => storedPower(join(data, 'telemetry.sqlite')),
  };
}

/** The device's value in the cloud's measurement file. */
function storedPower(file: string): number | undefined {
  return storedPoints(file, GATEWAY).find(({ device, metric }) => device === 'pv-1' && metric === 'activePowerKw')
    ?.value;
}
