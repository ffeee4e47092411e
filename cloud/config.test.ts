import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printConfig } from '../shared/config/print-config.ts';
import { readConfig } from '../shared/config/read-config.ts';
import { cloudChecks, CloudConfig } from './config.ts';

const read = (text: string): CloudConfig => readConfig(CloudConfig, { file: 'cloud.yaml', text });

test('the printed configuration is valid: the defaults, with optional keys commented out', () => {
  const printed = printConfig(CloudConfig);
  assert.deepEqual(read(printed), read('{}'));
  assert.match(printed, /^telemetry:\n {2}kind: "sqlite" {2}# embedded/m);
  assert.match(printed, /^ {2}# or:\n {2}# kind: "influxdb"/m);
  assert.match(printed, /^ {2}# oidc:\n {2}# {3}issuer:/m);
});

test('two clouds with standby need what both reach', () => {
  const standing = 'standby: { passphraseFile: /etc/loadstone/standby-passphrase }\n';
  const checked = (text: string): CloudConfig => readConfig(CloudConfig, { file: 'cloud.yaml', text }, cloudChecks);
  assert.throws(() => checked(standing), {
    code: 'LS-CONFIG-002',
    message: /standby needs state\.postgres: .*[^]*telemetry\.kind is sqlite, .*: standby needs influxdb/,
  });
  const influx = 'telemetry: { kind: influxdb, url: "http://influx:8086", database: grid }\n';
  checked(`${standing}${influx}state: { postgres: { host: db.example } }\n`);
});
