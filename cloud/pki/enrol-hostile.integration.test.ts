import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectSocket, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { ALPN } from '../../shared/pki/enrolment.ts';
import { readToken } from '../../shared/pki/enrolment-token.ts';
import { makeRequest, P256 } from '../../shared/pki/request.ts';
import {
  BasicConstraintsExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from '../../shared/pki/x509.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { GuessBrake } from '../ingest/guess-brake.ts';
import { TlsDoor } from '../ingest/tls-door.ts';
import { pkiFiles } from './authority-files.ts';
import { EnrolServer } from './enrol-server.ts';
import { Judge } from './judge.ts';
import { readStandings, revoke } from './standing.ts';
import { authorityInFolder } from './testing/authority-in-folder.ts';
import { makeToken } from './tokens.ts';

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Only the enrolment server, with an adjustable clock. */
async function doorOf(t: TestContext) {
  const { machine } = new SystemClock((error) => assert.fail(String(error)));
  const authority = await authorityInFolder(t, machine.now());
  let turnedMs = 0;
  const now = (): number => machine.now() + turnedMs;
  const time = {
    now,
    elapsed: () => machine.elapsed(),
    after: machine.after.bind(machine),
  };
  const issued: string[] = [];
  const bugs: unknown[] = [];
  const server = new EnrolServer({
    data: authority.data,
    time,
    brake: new GuessBrake(machine),
    onIssued: (gateway, how) => void issued.push(`${gateway} ${how}`),
    onRefused: () => undefined,
    onError: (error) => void bugs.push(error),
  });
  const mqtt: TLSSocket[] = [];
  const door = new TlsDoor({
    host: '127.0.0.1',
    port: 0,
    identity: { pem: authority.server, roots: authority.issuing.roots() },
    onClient: (socket) => void mqtt.push(socket.on('error', () => undefined)),
    onHttp: (socket) => server.take(socket),
  });
  await door.start();
  t.after(() => {
    server.stop();
    door.stop();
  });
  const opened = async (tls: ConnectionOptions = {}, protocol: string = ALPN.http): Promise<TLSSocket> => {
    const socket = connect({
      port: door.port,
      host: '127.0.0.1',
      ca: authority.issuing.roots(),
      ALPNProtocols: [protocol],
      ...tls,
    });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  };
  const post = async (path: string, body: object | string, tls: ConnectionOptions = {}): Promise<Answer> => {
    const socket = await opened(tls);
    return new Promise((resolve) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const call = request({ createConnection: () => socket, method: 'POST', path, headers: { host: 'cloud' } });
      call.on('error', (error) => resolve({ status: 0, text: error.message }));
      call.once('response', (response) => {
        let said = '';
        response.setEncoding('utf8').on('data', (more: string) => (said += more));
        response.once('error', (error) => resolve({ status: 0, text: error.message }));
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text: said }));
      });
      call.end(text);
    });
  };
  const tokenSecret = (gateway: string): string =>
    unwrap(readToken(makeToken(authority.data, gateway, { now: now() }))).secret;
  const enrol = async (gateway: string, secret: string): Promise<Answer> => {
    const { request: pem } = await makeRequest(gateway);
    return post('/pki/enrol', { gateway, secret, request: pem });
  };
  const renew = async (gateway: string, pem: string): Promise<Answer> => {
    const { request: asked } = await makeRequest(gateway);
    return post('/pki/renew', { gateway, request: asked }, { key: pem, cert: pem });
  };
  const turn = (ms: number): void => void (turnedMs += ms);
  return { ...authority, port: door.port, opened, post, tokenSecret, enrol, renew, issued, bugs, mqtt, now, turn };
}

const issuersOf = (data: string): string => readFileSync(pkiFiles(data).issuers, 'utf8');

/** Resolves however the socket ends. */
const closeOf = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

const certificateIn = ({ text }: Answer): X509Certificate =>
  new X509Certificate((JSON.parse(text) as { certificate: string }).certificate);

test('of twenty sockets that send the same token at once, one gets a certificate', async (t) => {
  const door = await doorOf(t);
  const secret = door.tokenSecret('owd-01');
  const answers = await Promise.all(Array.from({ length: 20 }, () => door.enrol('owd-01', secret)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.deepEqual(door.issued, ['owd-01 enrolled']);
});

test('a token is useless for another gateway, and after the revocation of its own', async (t) => {
  const door = await doorOf(t);
  const secret = door.tokenSecret('owd-01');
  assert.equal((await door.enrol('wls-01', secret)).status, 401);
  const { request: wrong } = await makeRequest('wls-01');
  assert.equal((await door.post('/pki/enrol', { gateway: 'owd-01', secret, request: wrong })).status, 422);
  assert.equal(
    (await door.enrol('owd-01', secret)).status,
    200,
    'a request that does not match does not use up the token',
  );
  const stolen = door.tokenSecret('owd-01');
  revoke(door.data, 'owd-01', door.now);
  assert.equal((await door.enrol('owd-01', stolen)).status, 401, 'it was made before the revocation');
  assert.equal((await door.enrol('owd-01', door.tokenSecret('owd-01'))).status, 200);
});

test('a certificate contains only the name from the request', async (t) => {
  const door = await doorOf(t);
  const keys = await crypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const asking = (name: string) =>
    Pkcs10CertificateRequestGenerator.create({
      name,
      keys,
      signingAlgorithm: P256,
      extensions: [
        new BasicConstraintsExtension(true, 3, true),
        new SubjectAlternativeNameExtension([
          { type: 'dns', value: 'wls-01' },
          { type: 'ip', value: '127.0.0.1' },
        ]),
      ],
    });
  const ask = async (name: string): Promise<Answer> =>
    door.post('/pki/enrol', {
      gateway: 'owd-01',
      secret: door.tokenSecret('owd-01'),
      request: (await asking(name)).toString('pem'),
    });
  const made = certificateIn(await ask('CN=owd-01, O=admin'));
  assert.deepEqual([made.ca, made.subject, made.subjectAltName], [false, 'CN=owd-01', 'DNS:owd-01']);
  for (const name of ['CN=wls-01', 'CN=owd-01, CN=wls-01', 'CN=wls-01, CN=owd-01', 'CN="owd-01 "', 'O=owd-01'])
    assert.equal((await ask(name)).status, 422, name);
});

test('a revoked certificate cannot renew once the command has ended', async (t) => {
  const door = await doorOf(t);
  const pem = await door.gateway('owd-01');
  assert.equal((await door.renew('owd-01', pem)).status, 200);
  revoke(door.data, 'owd-01', door.now);
  const { status, text } = await door.renew('owd-01', pem);
  assert.equal(status, 401, text);
  assert.match(text, /revoked/);
});

test('a certificate requested while its gateway is being revoked is not valid', async (t) => {
  const door = await doorOf(t);
  const pem = await door.gateway('owd-01');
  const made: X509Certificate[] = [];
  const renewals = Array.from({ length: 4 }, async () => {
    const answer = await door.renew('owd-01', pem);
    if (answer.status === 200) made.push(certificateIn(answer));
  });
  revoke(door.data, 'owd-01', door.now);
  await Promise.all(renewals);
  const judge = new Judge({ standings: readStandings(door.data), now: door.now });
  const issuers = issuersOf(door.data);
  for (const each of made) assert.match(JSON.stringify(judge.judgeLate(each, issuers)), /revoked/);
});

test('a revocation covers certificates issued while the clock was ahead, but not those of a new token', async (t) => {
  const door = await doorOf(t);
  door.turn(30 * 86_400_000);
  const ahead = certificateIn(await door.enrol('owd-01', door.tokenSecret('owd-01')));
  door.turn(-30 * 86_400_000);
  revoke(door.data, 'owd-01', door.now);
  const judged = (certificate: X509Certificate): string =>
    JSON.stringify(
      new Judge({ standings: readStandings(door.data), now: door.now }).judgeLate(certificate, issuersOf(door.data)),
    );
  assert.match(judged(ahead), /revoked/);
  const reenrolled = certificateIn(await door.enrol('owd-01', door.tokenSecret('owd-01')));
  assert.match(judged(reenrolled), /"gateway":"owd-01"/);
});

test('a certificate renews only its own gateway, and at a bounded rate', async (t) => {
  const door = await doorOf(t);
  const pem = await door.gateway('owd-01');
  assert.equal((await door.renew('wls-01', pem)).status, 401);
  assert.equal((await door.renew('localhost', door.server)).status, 401);
  for (let count = 0; count < 50; count++) await door.renew('owd-01', pem);
  assert.ok(door.issued.length <= 8, `${door.issued.length} certificates`);
  assert.equal((await door.renew('wls-01', await door.gateway('wls-01'))).status, 200);
});

test('an endless body is cut off with status 413', async (t) => {
  const door = await doorOf(t);
  const { status, text } = await door.post('/pki/enrol', `"${'x'.repeat(200_000)}"`);
  assert.equal(status, 413, text);
  const socket = await door.opened();
  socket.write('POST /pki/enrol HTTP/1.1\r\nhost: cloud\r\ncontent-length: 100000000\r\n\r\n');
  const chunk = Buffer.alloc(65_536, 'x');
  let sent = 0;
  const closed = closeOf(socket);
  const more = (): void => {
    while (!socket.destroyed && sent < 100_000_000) {
      sent += chunk.length;
      if (!socket.write(chunk)) return void socket.once('drain', more);
    }
  };
  more();
  socket.resume();
  await closed;
  assert.ok(sent < 20_000_000, `${sent} bytes`);
  assert.deepEqual(door.bugs, []);
});

test('a thousand idle connections do not block an enrolment', { timeout: 120_000 }, async (t) => {
  const door = await doorOf(t);
  for (let count = 0; count < 20; count++) {
    const sockets = await Promise.all(Array.from({ length: 50 }, () => door.opened()));
    t.after(() => sockets.forEach((socket) => void socket.destroy()));
  }
  assert.equal((await door.enrol('owd-01', door.tokenSecret('owd-01'))).status, 200);
});

test('a connection speaks only the protocol it negotiated, MQTT or HTTP', async (t) => {
  const door = await doorOf(t);
  const socket = await door.opened();
  const closed = closeOf(socket);
  socket.resume().write(Buffer.from('101000044d5154540402003c00046f77642d3031', 'hex'));
  await closed;
  const other = await door.opened({}, ALPN.mqtt);
  other.write('POST /pki/renew HTTP/1.1\r\nhost: cloud\r\ncontent-length: 2\r\n\r\n{}');
  const none = connect({ port: door.port, host: '127.0.0.1', ca: door.issuing.roots(), ALPNProtocols: ['h2'] });
  await once(none, 'error');
  const plain = connectSocket(door.port, '127.0.0.1');
  plain.on('error', () => undefined).resume();
  plain.end('GET /pki/roots HTTP/1.1\r\nhost: cloud\r\n\r\n');
  await closeOf(plain);
  assert.equal(door.mqtt.length, 1, 'only the broker gets connections that negotiated MQTT');
  assert.deepEqual(door.issued, []);
});
