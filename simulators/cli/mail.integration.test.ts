import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { startReceiver, webhookOf } from '../../cloud/notify/testing/receiver.ts';
import { gatewayUserLine } from '../../cloud/ingest/gateway-users.ts';
import { TestGateway } from '../../cloud/ingest/testing/test-gateway.ts';
import { until } from '../../shared/testing/until.ts';
import { buildRegion } from '../region/region.ts';
import { startMailServer } from '../testing/debian.ts';
import { freePort } from '../testing/free-ports.ts';
import { cloudFiles, folderOf, start } from './testing/started.ts';

const GATEWAY = 'owd-01';
const PASSWORD = 'secret of the gateway';

test(
  'a priority 1 alarm goes from a gateway through the cloud to a mailbox and a webhook',
  { timeout: 240_000 },
  async (t) => {
    const folder = folderOf(t);
    const { config, data } = cloudFiles(folder);
    const port = await freePort();
    const mails = await startMailServer({ port, dir: join(folder, 'mailbox') });
    t.after(() => mails.stop());
    writeFileSync(join(data, 'users.htpasswd'), `${await gatewayUserLine(GATEWAY, PASSWORD)}\n`);
    const mail = `{ host: localhost, port: ${port}, security: none, from: grid@grid.test, to: [desk@grid.test] }`;
    const receiver = await startReceiver(t);
    const { name, url, secretFile } = webhookOf(t, { port: receiver.port });
    const webhook = `{ name: ${name}, url: "${url}", secretFile: ${secretFile} }`;
    appendFileSync(config, `notify: { mail: ${mail}, webhooks: [${webhook}] }\n`);
    const cloud = start(t, 'cloud', '--config', config);
    await cloud.says(/uplinks on [^ ]+:\d+/);
    const uplink = /uplinks on [^ ]+:(\d+)/.exec(cloud.said())![1]!;
    const options = { clientId: GATEWAY, username: GATEWAY, password: PASSWORD, reconnectPeriod: 0 };
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${uplink}`, options, false);
    t.after(() => void client.end(true));
    const gateway = new TestGateway({
      gateway: GATEWAY,
      group: buildRegion().id,
      run: 7,
      send: async (topic, payload) => void (await client.publishAsync(topic, Buffer.from(payload))),
      now: () => Date.now(),
    });
    await gateway.born(['feeder-1']);
    const dark = {
      time: Date.now(),
      kind: 'alarm',
      severity: 'high',
      code: 'LS-FEEDER-001',
      text: 'feeder 1 is dark',
      device: 'feeder-1',
      active: true,
    } as const;
    await gateway.sendEvents([{ offset: 0, event: dark }]);
    const box = join(folder, 'mailbox', 'mails', 'new');
    await until(
      () => `a mail; the cloud said ${cloud.said()}`,
      () => existsSync(box) && readdirSync(box).length > 0,
    );
    const [first] = readdirSync(box);
    const text = readFileSync(join(box, first!), 'utf8');
    assert.match(text, /^Subject: \[P1\] .*feeder 1 is dark/m);
    assert.match(text, /^To: desk@grid\.test/m);
    await until(
      () => `a message; the cloud said ${cloud.said()}`,
      () => receiver.got.length > 0,
    );
    const [{ type, subject }] = receiver.got as [(typeof receiver.got)[0]];
    assert.equal(type, 'alarm.raised');
    assert.match(subject, /^\[P1\] .*feeder 1 is dark/);
  },
);
