import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UplinkBroker } from '../cloud/ingest/broker.ts';
import { Judge } from '../cloud/pki/judge.ts';
import { readStandings, revoke } from '../cloud/pki/standing.ts';
import { authorityInFolder } from '../cloud/pki/testing/authority-in-folder.ts';
import { Started, ran } from '../simulators/attack/started.ts';
import { until } from '../shared/testing/until.ts';
import { stateTopic } from '../shared/topics/topics.ts';
import type { Fault } from '../shared/outcome/outcome.ts';
import { SeededRandom } from '../shared/ports/random.ts';
import type { Clock } from '../shared/time/clock.ts';
import { SystemClock } from '../shared/time/system-clock.ts';
import { probeLine } from './check-uplink.ts';
import { identityFiles } from './uplink/identity-files.ts';
import { MqttLink } from './uplink/mqtt-link.ts';
import { configFor } from './uplink/testing/bench.ts';

const cleanups: (() => unknown)[] = [];
after(async () => {
  for (const clean of cleanups.toReversed()) await clean();
});
const fail = (error: unknown): never => {
  throw error;
};
const clock = new SystemClock(fail);
const { machine } = clock;

/** The real broker and its judge, and the output of `edge check` for a gateway with the given certificate. */
async function rig() {
  const authority = await authorityInFolder(
    { after: (clean) => void cleanups.push(clean as () => void) },
    machine.now(),
  );
  const judge = new Judge({ standings: {}, now: () => machine.now() });
  const refused: Fault[] = [];
  const broker = new UplinkBroker({
    group: 'north',
    users: { check: async () => 'wrong' },
    tls: { host: '127.0.0.1', port: 0, identity: { pem: authority.server, roots: authority.issuing.roots() } },
    certificates: judge,
    onRefused: (_client, fault) => void refused.push(fault),
  });
  await broker.start();
  cleanups.push(() => broker.stop());
  const trouble = async (pem: string, at: Clock = clock): Promise<string> => {
    const identity = mkdtempSync(join(tmpdir(), 'ls-certificate-'));
    cleanups.push(() => rmSync(identity, { recursive: true }));
    writeFileSync(identityFiles(identity).gateway, pem);
    writeFileSync(identityFiles(identity).roots, authority.issuing.roots());
    const random = new SeededRandom(1);
    const line = { ...configFor(), url: `mqtts://127.0.0.1:${broker.tlsPort}`, identity };
    const link = new MqttLink({ ...line, clock: at, random, onFailure: fail });
    return (await probeLine(line, { clock: at, random, link, patienceMs: 20_000 })).trouble ?? 'no trouble';
  };
  return { authority, broker, judge, refused, trouble };
}

const NAMED =
  /Not authorized \(the certificate in \S+ (ended|ends) at (\S+)\); its certificate is probably revoked, expired or of another authority: .*enrolled anew/;

test('the uplink trouble names a revoked, expired or foreign certificate and when its file expires', async (t) => {
  const { authority, judge, refused, trouble } = await rig();
  const told = async (pem: string, at?: Clock): Promise<string> => {
    const said = await trouble(pem, at);
    const found = NAMED.exec(said);
    assert.ok(found, said);
    return `${found[1]} ${Date.parse(found[2]!) > machine.now() ? 'later' : 'before'}`;
  };
  assert.equal(await told(await authority.gateway('owd-01', -1)), 'ended before');
  assert.match(refused.at(-1)!.detail, /has expired/);

  // Certificates begin in 1970, so TLS succeeds; to this clock every certificate is new.
  const in1970: Clock = {
    plant: clock.plant,
    speed: () => clock.speed(),
    machine: { now: () => 0, elapsed: () => machine.elapsed(), after: (ms, task) => machine.after(ms, task) },
  };
  assert.equal(await told(await authority.gateway('owd-01', -1), in1970), 'ends before', 'its date is still reported');

  const foreign = await authorityInFolder(t, machine.now());
  assert.equal(await told(await foreign.gateway('owd-01')), 'ends later');
  assert.match(refused.at(-1)!.detail, /not of this authority/);

  const pem = await authority.gateway('owd-01');
  revoke(authority.data, 'owd-01', () => machine.now() + 1);
  judge.replace(readStandings(authority.data));
  assert.equal(await told(pem), 'ends later');
  assert.match(refused.at(-1)!.detail, /revoked/);
});

test('a running daemon answers a check without a second session, and reports its revocation', async () => {
  const { authority, broker, judge } = await rig();
  const folder = mkdtempSync(join(tmpdir(), 'ls-running-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(identityFiles(folder).gateway, await authority.gateway('owd-01'));
  writeFileSync(identityFiles(folder).roots, authority.issuing.roots());
  const config = join(folder, 'gateway.yaml');
  const url = `mqtts://127.0.0.1:${broker.tlsPort}`;
  writeFileSync(
    config,
    `gateway: { id: owd-01, group: north, substation: owd }\nuplink: { url: "${url}", identity: ${folder} }\njournal: { path: ${folder}/journal }\nlocalBroker: { listen: "127.0.0.1:0" }\n`,
  );
  let births = 0;
  const link = broker.link();
  link.open(
    { clientId: 'cloud', subscriptions: ['spBv1.0/north/NBIRTH/+'] },
    { onConnect: () => undefined, onClose: () => undefined, onMessage: () => void births++ },
  );
  const state = new TextEncoder().encode(JSON.stringify({ online: true, timestamp: machine.now() }));
  await link.publish(stateTopic('loadstone-cloud'), state, { qos: 1, retain: true });
  const daemon = new Started('edge', '--config', config);
  cleanups.push(() => daemon.end());
  await until('its birth', () => births === 1);
  const checked = await ran('edge', 'check', '--config', config);
  assert.match(checked.said, /uplink/i);
  assert.doesNotMatch(checked.said, NAMED);
  assert.equal(births, 1, 'the session stays');

  revoke(authority.data, 'owd-01', () => machine.now() + 1);
  broker.end(judge.replace(readStandings(authority.data)));
  await until('it says so', async () => NAMED.test((await ran('edge', 'check', '--config', config)).said));
  assert.equal(births, 1);
});
