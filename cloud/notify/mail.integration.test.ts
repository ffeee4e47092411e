import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { until } from '../../shared/testing/until.ts';
import { debianTool, startMailServer } from '../../simulators/testing/debian.ts';
import { freePort } from '../../simulators/testing/free-ports.ts';
import { AlarmRig } from '../alarms/testing/alarm-rig.ts';
import { smallRegion } from '../api/testing/api-fixture.ts';
import { mailChannel } from './mail-channel.ts';
import type { MailConfig } from './mail-config.ts';
import { ChannelDesk } from './channel-desk.ts';
import { smtpSender } from './smtp.ts';
import { SqliteMessageStore } from './sqlite-message-store.ts';
import { mailConfig } from './testing/mail-config.ts';

const T0 = Date.UTC(2021, 8, 25, 12);

/** A folder, the mails that the server accepted, and the mail channel on a manual clock. */
async function rig(t: TestContext, given: Partial<MailConfig> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-mail-'));
  const port = await freePort();
  const alarmed = new AlarmRig({ region: smallRegion(), startMs: T0 });
  await alarmed.started;
  const store = new SqliteMessageStore(join(dir, 'state.sqlite'));
  store.open();
  const events: LoadstoneEvent[] = [];
  const desk = new ChannelDesk({
    channel: mailChannel(mailConfig(port, given), smtpSender(mailConfig(port, given))),
    region: smallRegion(),
    clock: alarmed.clock,
    store,
    alarms: () => alarmed.alarms.list(['unacknowledged']),
    isFlood: () => alarmed.alarms.view().rate.floodSince !== null,
    rules: alarmed.alarms.rules(),
    origin: 'https://grid.test',
    report: (event) => void events.push(event),
  });
  await desk.start();
  t.after(async () => {
    await desk.stop();
    await alarmed.close();
    store.close();
    rmSync(dir, { recursive: true });
  });
  const mails = (): string[] => {
    const folder = join(dir, 'mails/new');
    return existsSync(folder) ? readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')) : [];
  };
  /** Waits until the mail server has this many, while the test clock stands. */
  const delivered = async (count: number): Promise<string[]> => {
    await until(`${count} mails`, () => mails().length >= count);
    return mails();
  };
  return { clock: alarmed.clock, alarmed, dir, port, desk, events, mails, delivered, store };
}

const dark = { code: 'LS-FEEDER-001', device: 'feeder-1', severity: 'high', text: 'feeder 1 is dark' } as const;

test('an alarm of priority 1 is delivered within ten seconds, with its action and place', async (t) => {
  const { alarmed, clock, dir, port, delivered } = await rig(t);
  const server = await startMailServer({ port, dir });
  t.after(() => server.stop());
  const tenthSecond = clock.machine.now() + 10_000;
  await alarmed.tell('owd-01', dark);
  await clock.advance(tenthSecond - clock.machine.now());
  const [mail] = await delivered(1);
  for (const text of [
    'From: loadstone@grid.test',
    'To: desk@grid.test',
    'Subject: [P1] Name of owd: feeder 1 is dark',
    'Action: ',
    'https://grid.test/alarms',
    'LS-FEEDER-001',
  ])
    assert.ok(mail!.includes(text), `${text} in\n${mail}`);
});

test('while the mail server is down a mail waits, the fault is reported once, and the mail is sent when it is back', async (t) => {
  const { alarmed, clock, dir, port, delivered, events, store, desk } = await rig(t);
  await alarmed.tell('owd-01', dark);
  await clock.advance(10_000);
  await until('an event', () => events.length > 0);
  assert.deepEqual(
    events.map(({ code }) => code),
    ['LS-NOTIFY-001'],
  );
  assert.equal(await store.count('mail'), 1);
  assert.match((await desk.view()).fault!, /ECONNREFUSED/);
  const server = await startMailServer({ port, dir });
  t.after(() => server.stop());
  await clock.advance(60_000);
  await delivered(1);
  await until('another event', () => events.length > 1);
  assert.deepEqual(
    events.map(({ code }) => code),
    ['LS-NOTIFY-001', 'mail.leaves'],
  );
  await clock.advance(60_000);
  assert.equal((await delivered(1)).length, 1);
  assert.equal(await store.count('mail'), 0);
});

test('a certificate of an unknown authority is refused; one of the configured authority is accepted', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-mail-tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const { path, env } = debianTool('openssl');
  const made = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${keyFile} -out ${certFile} -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -days 10`;
  execFileSync(path, made.split(' '), { env, stdio: 'ignore' });
  const port = await freePort();
  const strange = await rig(t, { security: 'starttls', port });
  const known = await rig(t, { security: 'starttls', port, caFile: certFile });
  const server = await startMailServer({ port, dir: known.dir, tls: { keyFile, certFile } });
  t.after(() => server.stop());
  await assert.rejects(strange.desk.test('anna'), { code: 'LS-NOTIFY-001', message: /certificate/ });
  const { accepted } = await known.desk.test('anna');
  assert.deepEqual(accepted, ['desk@grid.test', 'chief@grid.test']);
  const [mail] = await known.delivered(1);
  assert.ok(mail!.includes('anna has asked for this test mail.'));
});

test('a server that offers no TLS gets no mail if TLS is configured', async (t) => {
  const { dir, port, desk, mails } = await rig(t, { security: 'starttls' });
  const server = await startMailServer({ port, dir });
  t.after(() => server.stop());
  await assert.rejects(desk.test('anna'), { code: 'LS-NOTIFY-001', message: /TLS/ });
  assert.deepEqual(mails(), []);
});
