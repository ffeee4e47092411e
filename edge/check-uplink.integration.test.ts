import { Aedes, type AedesPublishPacket } from 'aedes';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { generateSigningKey, signDocument } from '../shared/codec/signed-document.ts';
import { unwrap } from '../shared/outcome/outcome.ts';
import { SeededRandom } from '../shared/ports/random.ts';
import { SystemClock } from '../shared/time/system-clock.ts';
import { stateTopic, topicFor } from '../shared/topics/topics.ts';
import { probeLine, type LineFindings } from './check-uplink.ts';
import { MqttLink } from './uplink/mqtt-link.ts';
import { configFor } from './uplink/testing/bench.ts';

const root = mkdtempSync(join(tmpdir(), 'ls-check-'));
const closing: (() => unknown)[] = [() => rmSync(root, { recursive: true, force: true })];
after(async () => {
  for (const close of closing.toReversed()) await close();
});
const fail = (error: unknown): never => {
  throw error;
};
const clock = new SystemClock(fail);
const key = await generateSigningKey();

/** A broker with a cloud that answers the births of its group with signed settings, and disconnects clients that publish elsewhere. */
async function startCloud(password: string): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  const aedes = await Aedes.createBroker();
  aedes.authenticate = (_client, _user, given, done) =>
    given?.toString() === password ? done(null, true) : done(Object.assign(new Error(), { returnCode: 4 }), false);
  aedes.authorizePublish = (_client, { topic }, done) =>
    done(/^spBv1.0\/(?!north\/)/.test(topic) ? new Error('another group') : null);
  const send = (topic: string, payload: string, retain = false): void =>
    aedes.publish({ cmd: 'publish', topic, payload, qos: 1, retain, dup: false }, () => undefined);
  send(stateTopic('loadstone-cloud'), JSON.stringify({ online: true, timestamp: Date.now() }), true);
  const now = Date.now();
  const validity = { issuedAt: now, acceptUntil: now + 60_000, validFrom: now, validUntil: now + 60_000 };
  const settings = { type: 'settings', version: 1, gateway: 'owd-01', epoch: 1, sequence: 1, ...validity } as const;
  const jws = unwrap(await signDocument({ ...settings, body: {} }, key.privateKey));
  aedes.on('publish', ({ topic }: AedesPublishPacket, client) => {
    if (client === null) return;
    heard.push(topic);
    if (topic === 'spBv1.0/north/NBIRTH/owd-01') send(topicFor('desiredSettings', 'owd-01'), jws);
  });
  const server = createServer((socket) => aedes.handle(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    return new Promise<void>((resolve) => {
      aedes.close(() => resolve());
    });
  });
  return { port: (server.address() as AddressInfo).port, heard };
}

test('edge check connects like the daemon and names what is wrong', async () => {
  const { port, heard } = await startCloud('the right one');
  const passwordFile = join(root, 'password');
  writeFileSync(passwordFile, 'owd-01:the right one\n');
  const config = { ...configFor([key.publicKey]), url: `mqtt://127.0.0.1:${port}`, username: 'owd-01', passwordFile };
  const probe = (changes: Partial<typeof config> = {}): Promise<LineFindings> => {
    const changed = { ...config, ...changes };
    const random = new SeededRandom(1);
    const link = new MqttLink({ ...changed, clock, random, onFailure: fail });
    return probeLine(changed, { clock, random, link, patienceMs: 5000 });
  };

  assert.deepEqual(await probe(), {
    connected: true,
    trouble: null,
    signed: { taken: true, text: 'a signed settings was accepted' },
  });
  assert.deepEqual(
    [...new Set(heard)],
    ['spBv1.0/north/NBIRTH/owd-01', 'spBv1.0/north/NDEATH/owd-01'],
    'nothing else is sent',
  );

  const stranger = await probe({ trustedKeys: { keys: [(await generateSigningKey()).publicKey] } });
  assert.deepEqual([stranger.connected, stranger.signed?.taken], [true, false]);
  assert.match(stranger.signed!.text, /^LS-.* is refused: /);

  writeFileSync(join(root, 'wrong'), 'owd-01:another\n');
  assert.match((await probe({ passwordFile: join(root, 'wrong') })).trouble ?? '', /uplink\.userFile/);
  assert.match(
    (await probe({ passwordFile: join(root, 'nowhere') })).trouble ?? '',
    /cannot be read.*uplink\.userFile must be readable/,
  );
  assert.match((await probe({ group: 'south' })).trouble ?? '', /gateway\.group/);
  assert.match((await probe({ hostId: 'nobody' })).trouble ?? '', /uplink\.hostId/);
  assert.match((await probe({ url: 'mqtt://127.0.0.1:1' })).trouble ?? '', /nothing listens there/);
  assert.match(
    (await probe({ url: `mqtts://127.0.0.1:${port}` })).trouble ?? '',
    /TLS|certificate|ended the connection/,
  );
});
