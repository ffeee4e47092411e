import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Aedes } from 'aedes';
import mqtt from 'mqtt';
import { stringify } from 'yaml';
import { forecastTasks } from '../cloud/forecast/serve/forecast-tasks.ts';
import { bundleOf } from '../cloud/forecast/registry/bundle.ts';
import { GuessBrake } from '../cloud/ingest/guess-brake.ts';
import { TlsDoor } from '../cloud/ingest/tls-door.ts';
import { EnrolServer } from '../cloud/pki/enrol-server.ts';
import { authorityInFolder } from '../cloud/pki/testing/authority-in-folder.ts';
import { makeToken } from '../cloud/pki/tokens.ts';
import { InProcessLink } from '../edge/drivers/in-process-link.ts';
import type { GatewayStatus } from '../edge/local/protocol.ts';
import { SimCloud } from '../edge/uplink/testing/sim-cloud.ts';
import { generateSigningKey, publicHalf, signDocument } from '../shared/codec/signed-document.ts';
import { GATEWAY_QUANTILES } from '../shared/forecast/quantiles.ts';
import { unwrap } from '../shared/outcome/outcome.ts';
import { SystemClock } from '../shared/time/system-clock.ts';
import { until } from '../shared/testing/until.ts';
import { loadSeries, seriesStartMs, seriesStepMs } from '../simulators/data/series.ts';
import { gatewayConfig } from '../simulators/region/gateway-config.ts';
import { packageEdge, type Packed } from './package-edge.ts';
import { GATEWAY_RECIPE, type Recipe } from '../cloud/forecast/train/recipe.ts';

const folder = mkdtempSync(join(tmpdir(), 'ls-pack-'));
const gatewayFolder = join(folder, 'opt');
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const { LD_LIBRARY_PATH = '' } = process.env;
/** Only what the package depends on: no npm, no other Node, no clone. */
const env = { PATH: join(folder, 'nothing'), LD_LIBRARY_PATH };
after(() => rmSync(folder, { recursive: true, force: true }));

let packed: Packed;
before(async () => {
  packed = await packageEdge({ out: join(folder, 'packed'), arch });
  mkdirSync(gatewayFolder);
  cpSync(packed.folder, gatewayFolder, { recursive: true });
  rmSync(packed.folder, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
}

function start(args: readonly string[]) {
  const child = spawn(join(gatewayFolder, 'loadstone'), args, { cwd: gatewayFolder, env });
  let out = '';
  const hear = (chunk: Buffer): void => void (out += chunk.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out })));
  return { child, ended, text: () => out };
}

/** A broker and a cloud that acknowledges what it stores. */
async function uplink(clock: SystemClock) {
  const broker = await Aedes.createBroker();
  const server = createServer((socket) => broker.handle(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cloud = new SimCloud({ link: new InProcessLink(() => broker), clock, gateway: 'owd-01' });
  cloud.start();
  const stop = async (): Promise<void> => {
    cloud.stop();
    server.close();
    await new Promise<void>((resolve) => broker.close(resolve));
  };
  return { cloud, port: (server.address() as AddressInfo).port, stop };
}

/** A model trained on the shipped data, and its signed document. */
async function signedModel(key: Parameters<typeof signDocument>[1], now: number) {
  const { netKw } = loadSeries().find(({ id }) => id === 'owd')!;
  const load = { start: seriesStartMs, stepS: seriesStepMs / 1000, values: netKw.slice(0, 28 * 96) };
  const schema = { steps: 8, stepS: load.stepS, weather: false };
  const recipe: Recipe = { ...GATEWAY_RECIPE, members: ['ridge'], heldBackDays: 7 };
  const input = { recipe, load, schema, levels: GATEWAY_QUANTILES, zone: 'Europe/Amsterdam' };
  const trained = await forecastTasks.trainForecast(input);
  const { manifest, bytes } = bundleOf(trained, {
    target: 'substation:owd',
    substation: 'owd',
    role: 'gateway',
    createdAt: now,
  });
  const jws = unwrap(
    await signDocument(
      {
        type: 'model',
        version: 1,
        gateway: 'owd-01',
        epoch: 1,
        sequence: 1,
        issuedAt: now,
        acceptUntil: now + 3_600_000,
        validFrom: now - 1000,
        validUntil: now + 86_400_000,
        body: manifest,
      },
      key,
    ),
  );
  return { id: manifest.id, sha256: manifest.sha256, bytes, jws };
}

test('the packed folder contains everything a gateway needs, with licences', () => {
  for (const name of [
    'loadstone',
    'node',
    'LICENSE',
    'node-LICENSE',
    'loadstone-edge.service',
    'libonnxruntime.so.1',
  ]) {
    assert.ok(existsSync(join(gatewayFolder, name)), name);
  }
  const licences = readFileSync(join(gatewayFolder, 'THIRD-PARTY-LICENSES'), 'utf8');
  for (const name of [
    'aedes',
    'mqtt',
    'onnxruntime-node',
    'typebox',
    'pino',
    'jose',
    'yaml',
    'sparkplug-payload',
    '@peculiar/x509',
  ]) {
    assert.match(licences, new RegExp(`^${name} \\d+\\.`, 'm'));
  }
  assert.ok(packed.besideNodeBytes < 52e6, `${packed.besideNodeBytes} bytes without Node`);
});

test('the packed gateway enrols by a token with its bundled certificate library', async (context) => {
  const { machine } = new SystemClock((error) => assert.fail(String(error)));
  const authority = await authorityInFolder(context, machine.now());
  const enrolment = new EnrolServer({
    data: authority.data,
    time: machine,
    brake: new GuessBrake(machine),
    onIssued: () => undefined,
    onRefused: (_gateway, { detail }) => assert.fail(detail),
    onError: (error) => assert.fail(String(error)),
  });
  const door = new TlsDoor({
    host: '127.0.0.1',
    port: 0,
    identity: { pem: authority.server, roots: authority.issuing.roots() },
    onClient: (socket) => void socket.destroy(),
    onHttp: (socket) => enrolment.take(socket),
  });
  await door.start();
  context.after(() => door.stop());
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('token'), makeToken(authority.data, 'owd-01', { now: machine.now() }));
  writeFileSync(
    at('enrol.yaml'),
    `gateway: { id: owd-01, substation: owd }\njournal: { path: ${at('journal')} }\n` +
      `uplink: { url: "mqtts://127.0.0.1:${door.port}", identity: ${at('identity')} }\n`,
  );
  const to = `https://127.0.0.1:${door.port}`;
  const { code, out } = await start(['edge', 'enrol', to, '--token-file', at('token'), '--config', at('enrol.yaml')])
    .ended;
  assert.equal(code, 0, out);
  const file = at('identity/gateway.pem');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(readFileSync(file, 'utf8'), /PRIVATE KEY[\s\S]*CERTIFICATE/);
});

test('the packed gateway runs from an empty folder: devices, uplink, journal, a model in a child, clean exit', async (context) => {
  const clock = new SystemClock((error) => {
    throw error;
  });
  const { privateKey } = await generateSigningKey();
  const { cloud, port, stop } = await uplink(clock);
  context.after(stop);
  writeFileSync(join(gatewayFolder, 'keys.json'), JSON.stringify({ keys: [publicHalf(privateKey)] }));
  const config = gatewayConfig('owd', {
    uplinkUrl: `mqtt://127.0.0.1:${port}`,
    localListen: '127.0.0.1:0',
    journalPath: './journal',
    keysFile: './keys.json',
    report: { deadbandPct: 1, minIntervalS: 1, maxIntervalS: 60 },
  });
  const device = (config['devices'] as { id: string; read: { activePowerKw: { topic: string; path?: string } } }[])[0]!;
  const { topic } = device.read.activePowerKw;
  device.read = { activePowerKw: { topic, path: '$.kw' } };
  writeFileSync(join(gatewayFolder, 'gateway.yaml'), stringify(config));

  const daemon = start(['edge', '--config', 'gateway.yaml']);
  context.after(() => daemon.child.kill('SIGKILL'));
  await until(daemon.text, () => /"port":\d+/.test(daemon.text()));
  const localPort = Number(/"port":(\d+)/.exec(daemon.text())![1]);
  const field = await mqtt.connectAsync(`mqtt://127.0.0.1:${localPort}`);
  const status = async (): Promise<GatewayStatus> => {
    const { code, out } = await start(['edge', 'status', '--json', '--config', 'gateway.yaml']).ended;
    assert.equal(code, 0, out);
    return JSON.parse(out) as GatewayStatus;
  };
  await until(daemon.text, async () => {
    await field.publishAsync(topic, JSON.stringify({ kw: 12.5 }));
    const { devices } = await status();
    return devices.some((each) => each.device === device.id && Math.abs(each.activePowerKw ?? 0) === 12.5);
  });
  await until(daemon.text, () => cloud.births.length > 0 && cloud.stored.size > 0);

  const model = await signedModel(privateKey, Math.round(clock.plant.now()));
  cloud.model = { sha256: model.sha256, bytes: model.bytes };
  await cloud.publish('desiredModel', model.jws);
  const applied = (): boolean => cloud.reports.some(({ id, stage }) => id === model.id && stage === 'applied');
  await until(() => JSON.stringify(cloud.reports) + daemon.text(), applied);
  assert.match(childrenOf(daemon.child.pid!), /inference\.child\.mjs/);

  await field.endAsync();
  daemon.child.kill('SIGTERM');
  const { code, out } = await daemon.ended;
  assert.equal(code, 0, out);
  assert.match(out, /gateway has stopped/);
  assert.ok(readdirSync(join(gatewayFolder, 'journal')).length > 0);
  const verified = await start(['journal', 'verify', 'journal']).ended;
  assert.equal(verified.code, 0, verified.out);
});

/** Command lines of a process's children. */
function childrenOf(pid: number): string {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return children.map((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').replaceAll('\0', ' ')).join('\n');
}
