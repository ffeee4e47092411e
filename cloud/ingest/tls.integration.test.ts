import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { MqttClient, type IClientOptions } from 'mqtt';
import type { Fault } from '../../shared/outcome/outcome.ts';
import { until } from '../../shared/testing/until.ts';
import { makeRequest } from '../../shared/pki/request.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { debianTool } from '../../simulators/testing/debian.ts';
import { Judge } from '../pki/judge.ts';
import { readStandings, putStanding } from '../pki/standing.ts';
import { authorityInFolder, type TestAuthority } from '../pki/testing/authority-in-folder.ts';
import { UplinkBroker } from './broker.ts';
import { GatewayUsers, gatewayUserLine, parseUsers } from './gateway-users.ts';

const { machine } = new SystemClock((error) => assert.fail(String(error)));
const refused: (Fault & { client: string })[] = [];
const received: string[] = [];
const cleanups: (() => void)[] = [];
let authority: TestAuthority;
let judge: Judge;
let broker: UplinkBroker;

before(async () => {
  authority = await authorityInFolder({ after: (clean) => void cleanups.push(clean as () => void) }, machine.now());
  judge = new Judge({ standings: {}, now: () => machine.now() });
  const line = await gatewayUserLine('plc-1', 'secret of plc-1');
  broker = new UplinkBroker({
    group: 'north',
    users: new GatewayUsers(parseUsers(line, 'users'), machine),
    tls: {
      host: '127.0.0.1',
      port: 0,
      identity: { pem: authority.server, roots: authority.issuing.roots() },
      handshakeMs: 500,
    },
    certificates: judge,
    onRefused: (client, fault) => void refused.push({ client, ...fault }),
  });
  await broker.start();
  broker.link().open(
    { clientId: 'cloud', subscriptions: ['loadstone/v1/+/events', 'spBv1.0/north/+/+'] },
    {
      onConnect: () => undefined,
      onClose: () => undefined,
      onMessage: ({ topic }) => void received.push(topic),
    },
  );
});
after(async () => {
  await broker.stop();
  for (const clean of cleanups) clean();
});

/** Connects, or returns the error message. */
async function attempt(
  id: string,
  tls: ConnectionOptions,
  mqtt: Partial<IClientOptions> = {},
): Promise<MqttClient | string> {
  const socket = (): ReturnType<typeof connectTls> =>
    connectTls({ port: broker.tlsPort, host: '127.0.0.1', ca: authority.issuing.roots(), ...tls });
  const client = new MqttClient(socket, { clientId: id, reconnectPeriod: 0, connectTimeout: 5000, ...mqtt });
  return new Promise((resolve) => {
    client.once('connect', () => resolve(client));
    client.once('error', (error) => resolve(error.message));
    client.once('close', () => resolve('closed'));
  });
}

/** The reason why a client is refused. */
async function whyNot(id: string, tls: ConnectionOptions, mqtt: Partial<IClientOptions> = {}): Promise<string> {
  const answer = await attempt(id, tls, mqtt);
  return typeof answer === 'string' ? answer : `${id} connected`;
}

const shown = (pem: string): ConnectionOptions => ({ key: pem, cert: pem });

async function comesIn(id: string, tls: ConnectionOptions, mqtt: Partial<IClientOptions> = {}): Promise<MqttClient> {
  const client = await attempt(id, tls, mqtt);
  assert.ok(typeof client !== 'string', `${id} did not connect: ${client as string}`);
  client.on('error', () => undefined);
  return client;
}

test('a gateway connects by its certificate over TLS 1.3, and uses the topics of its name', async () => {
  const client = await comesIn('owd-01', shown(await authority.gateway('owd-01')));
  await client.publishAsync('loadstone/v1/owd-01/events', 'x', { qos: 1 });
  await until('its event', () => received.includes('loadstone/v1/owd-01/events'));
  const [granted] = await client.subscribeAsync('loadstone/v1/owd-01/desired/plan', { qos: 1 });
  assert.equal(granted?.qos, 1);
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.publish('loadstone/v1/wls-01/events', 'x', { qos: 1 });
  await closed;
});

test('a message of many TLS records is read completely, however it is split', async () => {
  const pem = await authority.gateway('hal-01');
  const events = 'loadstone/v1/hal-01/events';
  const heard = (): number => received.filter((topic) => topic === events).length;
  for (let round = 1; round <= 20; round++) {
    const client = await comesIn('hal-01', shown(pem));
    await client.publishAsync(events, 'x'.repeat(400_000), { qos: 1 });
    await until(`message ${round}`, () => heard() === round);
    await client.endAsync();
  }
});

test('a client with an invalid certificate gets a return code', async (t) => {
  const other = await authorityInFolder(t, machine.now());
  const self = join(authority.data, 'self.pem');
  const { path, env } = debianTool('openssl');
  spawnSync(
    path,
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${self} -out ${self}.crt -subj /CN=owd-01 -addext subjectAltName=DNS:owd-01 -days 10`.split(
      ' ',
    ),
    { env },
  );
  const cases: [what: string, tls: ConnectionOptions, code: RegExp, detail: RegExp][] = [
    ['expired', shown(await authority.gateway('owd-01', -1)), /Not authorized/, /has expired/],
    ['foreign', shown(await other.gateway('owd-01')), /Not authorized/, /not of this authority/],
    ['foreign and expired', shown(await other.gateway('owd-01', -1)), /Not authorized/, /./],
    [
      'self-signed',
      { key: readFileSync(self), cert: readFileSync(`${self}.crt`) },
      /Not authorized/,
      /not of this authority/,
    ],
    ["the cloud's own", shown(authority.server), /Not authorized/, /names are not one gateway/],
    [
      "another gateway's",
      shown(await authority.gateway('wls-01')),
      /Identifier rejected/,
      /not the name in its certificate/,
    ],
    [
      'over TLS 1.2',
      { ...shown(await authority.gateway('owd-01')), maxVersion: 'TLSv1.2' },
      /Not authorized/,
      /TLS 1\.3/,
    ],
    ['none, and no password', {}, /Identifier rejected/, /user name/],
  ];
  for (const [what, tls, code, detail] of cases) {
    refused.length = 0;
    assert.match(await whyNot('owd-01', tls), code, what);
    assert.match(refused[0]?.detail ?? '', detail, what);
  }
});

test('openssl s_client sees TLS 1.3, a certificate request, and nothing below TLS 1.2', async () => {
  const roots = join(authority.data, 'pki', 'roots.pem');
  const file = await authority.file('owd-01');
  const at = [
    's_client',
    '-connect',
    `127.0.0.1:${broker.tlsPort}`,
    '-CAfile',
    roots,
    '-verify_return_error',
    '-verify_ip',
    '127.0.0.1',
  ];
  const ask = (...args: string[]): Promise<string> => {
    const { path, env } = debianTool('openssl');
    const child = spawn(path, [...at, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.stdin.end();
    return new Promise((resolve) => child.once('close', () => resolve(said)));
  };
  const whole = await ask('-cert', file, '-key', file, '-cert_chain', file);
  assert.match(whole, /Verify return code: 0 \(ok\)/);
  assert.match(whole, /TLSv1\.3/);
  assert.match(whole, /Acceptable client certificate CA names/);
  assert.doesNotMatch(
    await ask('-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0'),
    /Verify return code: 0 \(ok\)\n.*\n.*Session-ID: [0-9A-F]{2}/,
  );
});

test('a foreign node connects by password over TLS 1.2, and may only send telemetry', async () => {
  const options = { username: 'plc-1', password: 'secret of plc-1' };
  const client = await comesIn('plc-1', { maxVersion: 'TLSv1.2' }, options);
  await client.publishAsync('spBv1.0/north/NDATA/plc-1', 'x', { qos: 0 });
  await until('its data', () => received.includes('spBv1.0/north/NDATA/plc-1'));
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.subscribe('loadstone/v1/plc-1/desired/plan', () => undefined);
  await closed;
  const again = await comesIn('plc-1', {}, options);
  const cut = new Promise<void>((resolve) => again.once('close', () => resolve()));
  again.publish('loadstone/v1/plc-1/events', 'x', { qos: 1 });
  await cut;
  assert.match(await whyNot('plc-1', {}, { ...options, password: 'guess' }), /Bad username or password/);
});

test('a revocation ends the session and rejects certificate and password until a new certificate', async () => {
  const pem = await authority.gateway('hal-01');
  const client = await comesIn('hal-01', shown(pem));
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  putStanding(authority.data, 'hal-01', { revokedAt: machine.now() + 1 });
  broker.end(judge.replace(readStandings(authority.data)));
  await closed;
  refused.length = 0;
  assert.match(await whyNot('hal-01', shown(pem)), /Not authorized/);
  assert.match(refused[0]?.detail ?? '', /revoked/);
  await until('a later time', () => machine.now() > readStandings(authority.data)['hal-01']!.revokedAt!);
  const again = await authorityLater(machine.now(), 'hal-01');
  await (await comesIn('hal-01', shown(again))).endAsync();

  putStanding(authority.data, 'plc-1', { revokedAt: machine.now() });
  judge.replace(readStandings(authority.data));
  assert.match(await whyNot('plc-1', {}, { username: 'plc-1', password: 'secret of plc-1' }), /Not authorized/);
});

async function authorityLater(now: number, id: string): Promise<string> {
  const { key, request } = await makeRequest(id);
  const certified = await authority.issuing.certify(id, request, now);
  assert.ok(certified.ok);
  return key + certified.value;
}

test('a session ends with its certificate', async () => {
  const client = await comesIn('mnzl-01', shown(await authority.gateway('mnzl-01')));
  broker.endExpired(machine.now());
  assert.ok(client.connected);
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  broker.endExpired(machine.now() + 91 * 86_400_000);
  await closed;
});

test('a handshake that never ends is cut off', async () => {
  const socket = connectSocket(broker.tlsPort, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined).resume();
  // A record header that announces more than will arrive.
  socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
  await closed;
});

test('plain MQTT is only allowed on loopback', async () => {
  const users = new GatewayUsers(parseUsers('', 'users'), machine);
  await assert.rejects(new UplinkBroker({ host: '0.0.0.0', port: 0, group: 'north', users }).start(), {
    code: 'LS-CONFIG-002',
  });
});

test('mosquitto_pub connects by certificate', async () => {
  const { path, env } = debianTool('mosquitto_pub');
  const file = await authority.file('wwf-01');
  const roots = join(authority.data, 'pki', 'roots.pem');
  const publish = (id: string): Promise<number | null> => {
    const at = `-h 127.0.0.1 -p ${broker.tlsPort} --cafile ${roots} --cert ${file} --key ${file}`;
    const child = spawn(path, `${at} -i ${id} -t loadstone/v1/${id}/events -m x -q 1`.split(' '), { env });
    return new Promise((resolve) => child.once('close', resolve));
  };
  assert.equal(await publish('wwf-01'), 0);
  await until('its event', () => received.includes('loadstone/v1/wwf-01/events'));
  assert.notEqual(await publish('owd-01'), 0);
});
