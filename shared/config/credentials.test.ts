import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { LoadstoneError } from '../outcome/outcome.ts';
import { type ConfigSources, readConfig } from './read-config.ts';

const Config = Type.Object({
  telemetry: Type.Object(
    { tokenFile: Type.Optional(Type.String()), url: Type.Optional(Type.String()) },
    { default: {} },
  ),
  hooks: Type.Array(Type.Object({ secretFile: Type.String() }), { default: [] }),
});
const read = (text: string, more: Partial<ConfigSources> = {}) => readConfig(Config, { file: 'c.yaml', text, ...more });
const TEXT = 'telemetry: { tokenFile: credential:loadstone-cloud.influx }\n';

test('any key that names a file accepts a systemd credential', () => {
  const env = { CREDENTIALS_DIRECTORY: '/run/credentials/here' };
  const text = `${TEXT}hooks: [{ secretFile: credential:a_b-c.1 }, { secretFile: /etc/own }]\n`;
  assert.deepEqual(read(text, { env }), {
    telemetry: { tokenFile: '/run/credentials/here/loadstone-cloud.influx' },
    hooks: [{ secretFile: '/run/credentials/here/a_b-c.1' }, { secretFile: '/etc/own' }],
  });
  assert.equal(read('telemetry: { url: credential:x }', { env }).telemetry.url, 'credential:x', 'a URL is not a file');
  const byVariable = { ...env, LOADSTONE_TELEMETRY__TOKEN_FILE: 'credential:token' };
  assert.equal(read('', { env: byVariable }).telemetry.tokenFile, '/run/credentials/here/token');
});

test('a command run beside the service finds the credentials of the unit', () => {
  const { telemetry } = read(TEXT, { env: {}, unit: 'loadstone-cloud.service' });
  assert.equal(telemetry.tokenFile, '/run/credentials/loadstone-cloud.service/loadstone-cloud.influx');
});

test('a credential name that leads elsewhere or does not exist is rejected with its key', () => {
  const refusal = (code: string, words: RegExp) => (error: unknown) =>
    error instanceof LoadstoneError && error.code === code && words.test(error.message);
  for (const name of ['', '.', '..', '../other.service/key', 'a/b', 'a b']) {
    const text = `telemetry: { tokenFile: "credential:${name}" }`;
    assert.throws(
      () => read(text, { unit: 'loadstone-cloud.service' }),
      refusal('LS-CONFIG-002', /c\.yaml:1: telemetry\.tokenFile is "credential:.*expected: credential:NAME/),
      name,
    );
  }
  assert.throws(() => read(TEXT), refusal('LS-CONFIG-003', /telemetry\.tokenFile .*no service manager/));
});
