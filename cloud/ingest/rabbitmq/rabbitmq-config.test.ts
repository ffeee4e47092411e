import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../../shared/config/read-config.ts';
import { cloudChecks, CloudConfig } from '../../config.ts';
import { rabbitAddress, type RabbitConfig } from './rabbitmq-config.ts';

type Keys = Readonly<Record<string, string | number>>;

const read = (rabbitmq: Keys, uplink: Keys = {}): RabbitConfig =>
  readConfig(
    CloudConfig,
    { file: 'cloud.yaml', text: JSON.stringify({ uplink: { rabbitmq, ...uplink } }) },
    cloudChecks,
  ).uplink.rabbitmq!;

function addressOf(t: { after(done: () => void): void }, keys: Keys) {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-rabbit-config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'one\n');
  return { address: rabbitAddress(read({ ...keys, passwordFile }, { port: 8884 }), () => 'own roots'), passwordFile };
}

test('a broker on another machine needs TLS; on this machine only MQTT does', (t) => {
  const { address, passwordFile } = addressOf(t, { host: 'mq.example' });
  assert.deepEqual(
    { ...address },
    {
      amqpUrl: 'amqps://mq.example:5671',
      mqttUrl: 'mqtts://mq.example:8883',
      managementUrl: 'https://mq.example:15671',
      vhost: '/',
      user: 'loadstone',
      password: 'one',
      roots: 'own roots',
    },
  );
  writeFileSync(passwordFile, 'two\n');
  assert.equal(address.password, 'two', 'a changed password is read');
  const { amqpUrl, mqttUrl, managementUrl } = addressOf(t, { host: '::1', security: 'none', amqpPort: 5673 }).address;
  assert.deepEqual(
    [amqpUrl, mqttUrl, managementUrl],
    ['amqp://[::1]:5673', 'mqtts://[::1]:8883', 'http://[::1]:15672'],
  );
});

test('a missing file stops the start and names its key', () => {
  const password = { host: 'mq.example', passwordFile: '/nowhere/password' };
  const code = 'LS-CONFIG-003';
  assert.throws(() => rabbitAddress(read(password), () => ''), { code, message: /^uplink\.rabbitmq\.passwordFile: / });
  const ca = { host: 'mq.example', passwordFile: import.meta.filename, caFile: '/nowhere/ca.pem' };
  assert.throws(() => rabbitAddress(read(ca), () => ''), { code, message: /^uplink\.rabbitmq\.caFile: / });
});

const file = { passwordFile: 'password' };
const slips: readonly (readonly [rabbitmq: Keys, uplink: Keys, said: RegExp])[] = [
  [file, {}, /uplink\.rabbitmq.*host/],
  [{ host: 'mq' }, {}, /uplink\.rabbitmq.*passwordFile/],
  [{ ...file, host: 'amqp://anna:secret@mq' }, {}, /uplink\.rabbitmq\.host \.\.\.@mq is more than a host/],
  [{ ...file, host: 'mq:5671' }, {}, /uplink\.rabbitmq\.host mq:5671: write the number into amqpPort/],
  [
    { ...file, host: 'mq', security: 'none' },
    {},
    /uplink\.rabbitmq\.security none is only for a broker on this machine, but mq is/,
  ],
  [
    { ...file, host: 'mq', password: 'secret' },
    {},
    /uplink\.rabbitmq\.password is not a known key; known here: .*passwordFile/,
  ],
  [{ ...file, host: 'mq' }, { plainPort: 1883 }, /uplink\.plainPort has no effect with uplink\.rabbitmq/],
  [{ ...file, host: 'mq' }, { usersFile: 'users' }, /uplink\.usersFile has no effect with uplink\.rabbitmq/],
  [{ ...file, host: 'localhost' }, {}, /uplink\.port 8883 is the port of the broker.* such as 8884/],
];
for (const [rabbitmq, uplink, said] of slips)
  test(`${JSON.stringify({ rabbitmq, ...uplink })} is rejected with its key`, () => {
    assert.throws(() => read(rabbitmq, uplink), said);
    assert.throws(
      () => read(rabbitmq, uplink),
      ({ message }: Error) => !message.includes('secret@'),
    );
  });
