import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { makeRequest } from '../../shared/pki/request.ts';
import { until } from '../../shared/testing/until.ts';
import { TlsDoor } from '../../cloud/ingest/tls-door.ts';
import { Authority } from '../../cloud/pki/authority.ts';
import { putStanding } from '../../cloud/pki/standing.ts';
import { makeToken } from '../../cloud/pki/tokens.ts';
import { runEnrol } from '../../edge/cli/enrol.ts';
import { Journal } from '../../edge/journal/journal.ts';
import { NodeDisk } from '../../edge/journal/node-disk.ts';
import { askDaemon } from '../../edge/local/socket-client.ts';
import { askCertificate } from '../../edge/uplink/ask-authority.ts';
import { Renewal } from '../../edge/uplink/renewal.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { authorityInFolder } from '../../cloud/pki/testing/authority-in-folder.ts';
import { buildRegion } from '../region/region.ts';

const CLI = join(import.meta.dirname, '..', '..', 'deploy', 'cli.ts');
const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'loadstone-identity-'));
const config = join(folder, 'cloud.yaml');
const data = join(folder, 'cloud');
const running = new Set<ChildProcess>();
let cloud: Started;
let port = '';

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
}

function started(...args: string[]): Started {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
  });
  running.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => (text += more));
  return { child, said: () => text };
}

/** Runs a command to its end; returns exit code and output. */
async function ran(...args: string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const { child, said } = started(...args);
  await once(child, 'close');
  running.delete(child);
  return { code: child.exitCode, said: said() };
}

async function ended({ child }: Started, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const closed = once(child, 'close');
  if (child.kill(signal)) await closed;
  running.delete(child);
}

async function startCloud(): Promise<void> {
  cloud = started('cloud', '--config', config);
  port = await until('the cloud', () => {
    assert.equal(cloud.child.exitCode, null, cloud.said());
    return /uplinks on 127\.0\.0\.1:(\d+) by TLS/.exec(cloud.said())?.[1];
  });
}

/** The configuration of a gateway with its own identity folder. */
function gatewayFiles(id: string): { readonly yaml: string; readonly identity: string } {
  const home = join(folder, id);
  mkdirSync(home, { recursive: true });
  const [yaml, identity] = [join(home, 'gateway.yaml'), join(home, 'identity')];
  writeFileSync(
    yaml,
    `gateway: { id: ${id}, substation: owd }\njournal: { path: ${home}/journal }\nlocalBroker: { listen: "127.0.0.1:0" }\nuplink: { url: "mqtts://127.0.0.1:${port}", identity: ${identity} }\n`,
  );
  return { yaml, identity };
}

function tokenOf(id: string): string {
  const said = makeToken(data, id, { now: Date.now() });
  const file = join(folder, `${id}.token`);
  writeFileSync(file, said);
  return file;
}

/** Runs the command in this process. */
const enrol = (yaml: string, file: string, at = `https://127.0.0.1:${port}`): Promise<{ code: number; said: string }> =>
  runEnrol([at, '--token-file', file, '--config', yaml]).then(
    (code) => ({ code, said: '' }),
    (error: unknown) => {
      assert.ok(error instanceof LoadstoneError, String(error));
      return { code: 1, said: `${error.code}: ${error.message}` };
    },
  );

/** Whether the daemon reports that its uplink is up. */
const isUp = async (id: string): Promise<boolean> => {
  const answer = await askDaemon(join(folder, id, 'journal.sock'), { op: 'status' }).catch(() => undefined);
  return JSON.stringify(answer ?? null).includes('"link":"up"');
};

/** A key and a certificate issued some days ago. */
async function issuedAgo(id: string, days: number): Promise<string> {
  const { key, request } = await makeRequest(id);
  return key + unwrap(await new Authority(data).certify(id, request, Date.now() - days * DAY_MS));
}

before(async () => {
  writeFileSync(join(folder, 'region.json'), JSON.stringify(buildRegion(['hal', 'mnzl', 'owd', 'whf', 'wls', 'wwf'])));
  writeFileSync(config, `region: ${folder}/region.json\ndata: ${data}\nuplink: { port: 0 }\napi: { port: 0 }\n`);
  const without = await ran('cloud', '--config', config);
  assert.equal(without.code, 2, without.said);
  assert.match(without.said, /LS-CONFIG-003: uplink\.port.*create them with "loadstone pki init"/);
  assert.equal((await ran('pki', 'init', '--config', config)).code, 0);
  await startCloud();
});
after(async () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test(
  'a gateway enrols once with its token, and its daemon connects with the certificate',
  { timeout: 240_000 },
  async () => {
    const { yaml, identity } = gatewayFiles('owd-01');
    const token = tokenOf('owd-01');
    const done = await ran('edge', 'enrol', `https://127.0.0.1:${port}`, '--token-file', token, '--config', yaml);
    assert.equal(done.code, 0, done.said);
    const keys = JSON.parse(readFileSync(join(identity, 'trusted-keys.json'), 'utf8')) as { keys: unknown[] };
    assert.equal(keys.keys.length, 1, 'it has the document keys');
    const secret = readFileSync(token, 'utf8').trim().split('.').at(-1)!;
    assert.equal(existsSync(join(data, 'pki', 'tokens', 'owd-01.json')), false);
    assert.doesNotMatch(cloud.said(), new RegExp(secret), 'the secret is in no log');
    const again = await enrol(yaml, token);
    assert.equal(again.code, 1);
    assert.match(again.said, /LS-PKI-002: owd-01: the token is wrong, used or expired/);
    const daemon = started('edge', '--config', yaml);
    await until('its link', () => isUp('owd-01'));
    await until('a signed heartbeat', () => existsSync(join(folder, 'owd-01', 'journal', 'heartbeat.json')));
    await ended(daemon);
  },
);

test(
  'a token works for one gateway and is sent only to a cloud that proves its root',
  { timeout: 240_000 },
  async (t) => {
    const { yaml } = gatewayFiles('wls-01');
    const other = await enrol(yaml, tokenOf('hal-01'));
    assert.match(other.said, /LS-PKI-002: the token is for hal-01, but this gateway is wls-01/);

    const rogue = await authorityInFolder(t, Date.now());
    const heard: string[] = [];
    const door = new TlsDoor({
      host: '127.0.0.1',
      port: 0,
      identity: { pem: rogue.server, roots: rogue.issuing.roots() },
      onClient: (socket) => void socket.destroy(),
      onHttp: (socket) =>
        void socket.on('data', (bytes) => {
          heard.push(bytes.toString());
          // Even the right root, which is public, is useless without its key.
          const roots = new Authority(data).roots();
          socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${roots.length}\r\n\r\n${roots}`);
        }),
    });
    await door.start();
    t.after(() => door.stop());
    const token = tokenOf('wls-01');
    const attempt = await enrol(yaml, token, `https://127.0.0.1:${door.port}`);
    assert.equal(attempt.code, 1);
    assert.match(attempt.said, /LS-PKI-005/);
    assert.equal(heard.length, 1, 'it requested the roots and nothing more');
    assert.doesNotMatch(heard.join(''), new RegExp(readFileSync(token, 'utf8').trim().split('.').at(-1)!));
    assert.equal((await enrol(yaml, token)).code, 0, 'the token still works at the right cloud');
  },
);

test('an answer that is not JSON is refused with a code', async (t) => {
  const rogue = await authorityInFolder(t, Date.now());
  const roots = rogue.issuing.roots();
  const door = new TlsDoor({
    host: '127.0.0.1',
    port: 0,
    identity: { pem: rogue.server, roots },
    onClient: (socket) => void socket.destroy(),
    onHttp: (socket) =>
      void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nnot JSON!')),
  });
  await door.start();
  t.after(() => door.stop());
  const at = { url: `https://127.0.0.1:${door.port}`, time: new SystemClock(() => undefined).machine };
  const { request } = await makeRequest('mnzl-01');
  const answer = await askCertificate(at, { ca: roots }, { gateway: 'mnzl-01', secret: 'f'.repeat(32), request });
  assert.equal(answer.ok ? 'issued' : answer.fault.code, 'LS-PKI-005');
});

test('token guesses are slowed down without delaying other gateways', { timeout: 240_000 }, async () => {
  tokenOf('mnzl-01');
  const time = new SystemClock(() => undefined).machine;
  const at = { url: `https://127.0.0.1:${port}`, time };
  const { request } = await makeRequest('mnzl-01');
  const guess = () =>
    askCertificate(at, { ca: new Authority(data).roots() }, { gateway: 'mnzl-01', secret: 'f'.repeat(32), request });
  const answers: string[] = [];
  for (let count = 0; count < 12; count++) {
    const answer = await guess();
    answers.push(answer.ok ? 'issued' : answer.fault.detail);
  }
  assert.ok(
    answers.some((detail) => /too many attempts/.test(detail)),
    answers.join('\n'),
  );
  assert.ok(!answers.includes('issued'));
  const { yaml: others } = gatewayFiles('whf-01');
  assert.equal((await enrol(others, tokenOf('whf-01'))).code, 0);
});

test('a gateway without a connection enrols by files carried by hand', { timeout: 240_000 }, async () => {
  const { yaml, identity } = gatewayFiles('wwf-01');
  const [request, answer] = [join(folder, 'wwf.request'), join(folder, 'wwf.answer')];
  assert.equal((await ran('edge', 'enrol', '--request', request, '--config', yaml)).code, 0);
  assert.doesNotMatch(readFileSync(request, 'utf8'), /PRIVATE KEY/);
  const signing = await ran('pki', 'sign', request, '--config', config);
  writeFileSync(answer, signing.said.slice(signing.said.indexOf('{')));
  const done = await ran('edge', 'enrol', '--answer', answer, '--config', yaml);
  assert.equal(done.code, 0, done.said);
  const enrolled = readFileSync(join(identity, 'gateway.pem'), 'utf8');
  assert.match(enrolled, /PRIVATE KEY[\s\S]*CERTIFICATE/);
  const late = runEnrol(['--answer', answer, '--config', yaml]);
  await assert.rejects(late, { code: 'LS-PKI-006', message: /no request is waiting for an answer/ });
  assert.equal(await runEnrol(['--request', request, '--config', yaml]), 0);
  await assert.rejects(runEnrol(['--answer', answer, '--config', yaml]), {
    code: 'LS-PKI-005',
    message: /no certificate of wwf-01 for the newest key made here/,
  });
  assert.equal(readFileSync(join(identity, 'gateway.pem'), 'utf8'), enrolled, 'it keeps its certificate');
});

test(
  'the daemon renews its certificate, even an expired one once an admin allows it',
  { timeout: 300_000 },
  async () => {
    const { yaml, identity } = gatewayFiles('owd-01');
    const file = join(identity, 'gateway.pem');
    const old = await issuedAgo('owd-01', 61);
    writeFileSync(file, old);
    let daemon = started('edge', '--config', yaml);
    await until('another certificate', () => readFileSync(file, 'utf8') !== old);
    assert.match(cloud.said(), /certificate: renewed/);
    await ended(daemon);

    const expired = await issuedAgo('owd-01', 91);
    writeFileSync(file, expired);
    daemon = started('edge', '--config', yaml);
    await until('the refusal', () => /has expired; .*pki renew owd-01/.test(daemon.said()));
    assert.equal(readFileSync(file, 'utf8'), expired);
    await ended(daemon);
    putStanding(data, 'owd-01', { mayRenewUntil: Date.now() + DAY_MS });
    daemon = started('edge', '--config', yaml);
    await until('another certificate', () => readFileSync(file, 'utf8') !== expired);
    await until('its link', () => isUp('owd-01'));
    await ended(daemon);
  },
);

test(
  'a revocation ends the session of a running gateway and survives a kill of the cloud',
  { timeout: 300_000 },
  async () => {
    const { yaml, identity } = gatewayFiles('owd-01');
    writeFileSync(join(identity, 'gateway.pem'), await issuedAgo('owd-01', 1));
    let daemon = started('edge', '--config', yaml);
    await until('its link', () => isUp('owd-01'));
    assert.equal((await ran('pki', 'revoke', 'owd-01', '--config', config)).code, 0);
    // The session ends within a second; the bound allows for a busy machine.
    await until('the end of its session', () => /revoked: its session ends/.test(cloud.said()));
    await until('its link is down', async () => !(await isUp('owd-01')));
    await ended(cloud, 'SIGKILL');
    await startCloud();
    await ended(daemon);
    gatewayFiles('owd-01');
    const before = cloud.said().length;
    daemon = started('edge', '--config', yaml);
    await until('the refusal', () => cloud.said().slice(before).includes('certificate that is revoked'));
    await ended(daemon);
    assert.equal((await enrol(yaml, tokenOf('owd-01'))).code, 0);
    daemon = started('edge', '--config', yaml);
    await until('its link', () => isUp('owd-01'));
    await ended(daemon);
  },
);

test(
  'a damaged certificate is reported once with its remedy and works again once repaired',
  { timeout: 240_000 },
  async () => {
    const { yaml, identity } = gatewayFiles('mnzl-01');
    const file = join(identity, 'gateway.pem');
    mkdirSync(identity, { recursive: true });
    writeFileSync(join(identity, 'roots.pem'), new Authority(data).roots());
    writeFileSync(join(identity, 'trusted-keys.json'), '{"keys":[]}');
    const whole = await issuedAgo('mnzl-01', 0);
    const at = whole.lastIndexOf('-----BEGIN CERTIFICATE') + 100;
    const broken = {
      'bytes in the middle of the certificate': whole.slice(0, at).replaceAll('M', 'A') + whole.slice(at),
      'the key of another':
        (await issuedAgo('mnzl-01', 0)).split('-----BEGIN CERTIFICATE')[0]! +
        whole.slice(whole.indexOf('-----BEGIN CERTIFICATE')),
    };
    for (const [what, text] of Object.entries(broken)) {
      writeFileSync(file, text);
      const daemon = started('edge', '--config', yaml);
      const report = /LS-PKI-006: \S*gateway\.pem is damaged.*enrol/g;
      await until(`a report of ${what}`, () => report.test(daemon.said()) || /a task failed/.test(daemon.said()));
      assert.doesNotMatch(daemon.said(), /a task failed/, what);
      // Replaced in one step, as a repair should be: half a file would be reported as further damage.
      writeFileSync(`${file}.new`, whole);
      renameSync(`${file}.new`, file);
      await until('its link', () => isUp('mnzl-01'));
      assert.equal(daemon.said().match(report)?.length, 1, daemon.said());
      await ended(daemon);
    }
  },
);

test('a gateway with a slow clock renews by the time of the cloud', { timeout: 240_000 }, async (t) => {
  const { identity } = gatewayFiles('whf-01');
  const file = join(identity, 'gateway.pem');
  mkdirSync(identity, { recursive: true });
  writeFileSync(join(identity, 'roots.pem'), new Authority(data).roots());
  const old = await issuedAgo('whf-01', 61);
  writeFileSync(file, old);
  const real = new SystemClock((error) => assert.fail(String(error))).machine;
  let turns = 0;
  const faults: string[] = [];
  const renewal = new Renewal({
    url: `mqtts://127.0.0.1:${port}`,
    gateway: 'whf-01',
    identity,
    // A clock without a battery starts in 1970. Hours of waiting pass at once.
    time: {
      now: () => real.elapsed(),
      elapsed: () => real.elapsed(),
      after: (delayMs, task) => {
        turns++;
        return real.after(Math.min(delayMs, delayMs < 30_000 ? delayMs : 20), task);
      },
    },
    onFault: (error) => faults.push(String(error)),
  });
  renewal.start();
  t.after(() => renewal.stop());
  await until('some looks', () => turns > 3);
  assert.equal(readFileSync(file, 'utf8'), old, 'by its own clock it is not due');
  renewal.heard(Date.now() - 10 * DAY_MS);
  const before = turns;
  await until('some looks', () => turns > before + 3);
  assert.equal(readFileSync(file, 'utf8'), old, 'nor by that of the cloud');
  // The disk does not take the certificate: this is reported once, tried again, and no second one is requested.
  const roots = join(identity, 'roots.pem');
  const blocked = `${roots}.${process.pid}.part`;
  mkdirSync(blocked);
  renewal.heard(Date.now());
  await until('a report of the disk', () => faults.length > 0);
  const tried = turns;
  await until('some tries', () => turns > tried + 3);
  assert.equal(faults.length, 1, faults.join('\n'));
  assert.equal(readFileSync(file, 'utf8'), old);
  rmSync(blocked, { recursive: true });
  await until('another certificate', () => readFileSync(file, 'utf8') !== old);
});

/** Fills a gateway's journal as if its cloud had been away. */
async function writeBacklog(id: string, events: number): Promise<void> {
  const journal = new Journal({
    disk: new NodeDisk(join(folder, id, 'journal')),
    clock: new SystemClock((error) => assert.fail(String(error))),
    run: 1,
    syncMs: 50,
    budget: { maxBytes: 1e8, maxAgeMs: DAY_MS, eventReserveBytes: 1e7, segmentBytes: 1e6 },
    onAccepted: () => undefined,
    onNotice: () => undefined,
  });
  await journal.open();
  for (let number = 0; number < events; number++) {
    const event = { time: Date.now(), kind: 'event', severity: 'info', code: 'test.event', text: `number ${number}` };
    journal.append('events', new TextEncoder().encode(JSON.stringify(event)));
  }
  await journal.close();
}

function storedEvents(): number {
  const db = new DatabaseSync(join(data, 'state.sqlite'), { readOnly: true });
  try {
    const found = db.prepare(`SELECT count(DISTINCT text) AS n FROM event WHERE source = 'hal-01' AND run = 1`).get();
    return Number(found?.['n']);
  } finally {
    db.close();
  }
}

test('a renewal during a backlog drain and a kill of the cloud lose nothing', { timeout: 300_000 }, async () => {
  const EVENTS = 20_000;
  const { yaml, identity } = gatewayFiles('hal-01');
  assert.equal((await enrol(yaml, tokenOf('hal-01'))).code, 0);
  await writeBacklog('hal-01', EVENTS);
  const file = join(identity, 'gateway.pem');
  const old = await issuedAgo('hal-01', 61);
  writeFileSync(file, old);
  const daemon = started('edge', '--config', yaml);
  await until('part of it, and a new certificate', () => storedEvents() > 0 && readFileSync(file, 'utf8') !== old);
  const before = storedEvents();
  assert.ok(before < EVENTS, 'the drain is under way');
  await ended(cloud, 'SIGKILL');
  writeFileSync(config, readFileSync(config, 'utf8').replace('uplink: { port: 0 }', `uplink: { port: ${port} }`));
  await startCloud();
  await until('all of it', () => storedEvents() === EVENTS);
  await until('its link', () => isUp('hal-01'));
  await ended(daemon);
});
