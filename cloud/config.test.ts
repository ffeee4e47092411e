import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { printConfig } from '../shared/config/print-config.ts';
import { readConfig } from '../shared/config/read-config.ts';
import { cloudChecks, CloudConfig } from './config.ts';

const read = (text: string): CloudConfig => readConfig(CloudConfig, { file: 'cloud.yaml', text });

test('the printed configuration is valid: defaults, with optional keys commented out', () => {
  const printed = printConfig(CloudConfig);
  assert.deepEqual(read(printed), read('{}'));
  assert.match(printed, /^telemetry:\n {2}kind: "sqlite" {2}# embedded/m);
  assert.match(printed, /^ {2}# or:\n {2}# kind: "influxdb"/m);
  assert.match(printed, /^ {2}# oidc:\n {2}# {3}issuer:/m);
});

const checked = (text: string): CloudConfig => readConfig(CloudConfig, { file: 'cloud.yaml', text }, cloudChecks);

test('a standby needs PostgreSQL and InfluxDB, which both clouds reach', () => {
  const standing = 'standby: { passphraseFile: /etc/loadstone/standby-passphrase }\n';
  assert.throws(() => checked(standing), {
    code: 'LS-CONFIG-002',
    message: /standby needs state\.postgres, .*[^]*telemetry\.kind is sqlite, .*: standby needs influxdb/,
  });
  const influx = 'telemetry: { kind: influxdb, url: "http://influx:8086", database: grid }\n';
  checked(`${standing}${influx}state: { postgres: { host: db.example } }\n`);
});

test('one process has all roles by default; separate roles need RabbitMQ, and owner and api PostgreSQL', () => {
  assert.deepEqual(checked('').roles, ['owner', 'job', 'api']);
  assert.deepEqual(checked('roles: [api, owner, job]\n').roles, ['api', 'owner', 'job']);
  const cases: [text: string, said: RegExp][] = [
    ['roles: []\n', /roles must not have fewer than 1 items/],
    ['roles: [owner, owner, job, api]\n', /roles must not have duplicate items/],
    ['roles: [owner, jobs, api]\n', /roles\.1 /],
    ['roles: [job]\n', /roles is job alone: .* uplink\.rabbitmq, which is missing/],
    ['roles: [owner, api]\n', /roles is owner, api alone: .* uplink\.rabbitmq, which is missing/],
    ['roles: [api, job]\n', /roles is job, api alone: [^]*state\.postgres, which/],
    ['roles: [owner, job]\n', /state\.postgres, which/],
  ];
  const rabbit = (more: string): string => `uplink: { rabbitmq: { host: mq.example, passwordFile: p${more} } }\n`;
  cases.push(
    [`roles: [job]\n${rabbit('')}`, /rabbitmq\.caFile is missing/],
    [`roles: [job, api]\n${rabbit('')}`, /job, api is not a supported set/],
  );
  assert.deepEqual(checked(`roles: [job]\n${rabbit(', caFile: roots.pem')}`).roles, ['job']);
  assert.deepEqual(checked(`roles: [owner, api]\n${rabbit('')}`).roles, ['owner', 'api']);
  const postgres = 'state: { postgres: { host: db.example } }\n';
  // An api node asks the owner for measurements, wherever they are.
  for (const roles of ['[api]', '[owner, job]'])
    assert.equal(checked(`roles: ${roles}\n${rabbit(', caFile: roots.pem')}${postgres}`).telemetry.kind, 'sqlite');
  for (const [text, said] of cases) assert.throws(() => checked(text), { code: 'LS-CONFIG-002', message: said }, text);
});

test('the optimiser takes all cores but one by default, and at least one thread', () => {
  assert.equal(read('').dispatch.workers, Math.max(1, availableParallelism() - 1));
});
