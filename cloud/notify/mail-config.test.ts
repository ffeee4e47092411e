import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../shared/config/read-config.ts';
import { cloudChecks, CloudConfig } from '../config.ts';
import { mailSecrets } from './mail-config.ts';

const read = (lines: readonly string[]): CloudConfig['notify']['mail'] =>
  readConfig(
    CloudConfig,
    { file: 'cloud.yaml', text: ['notify:', '  mail:', ...lines.map((line) => `    ${line}`)].join('\n') },
    cloudChecks,
  ).notify.mail;
const good = ['host: smtp.grid.test', 'from: loadstone@grid.test', 'to: [desk@grid.test]'];

test('host, sender and recipients are enough: STARTTLS with a verified certificate', () => {
  const mail = read(good)!;
  assert.deepEqual([mail.port, mail.security, mail.priority, mail.escalateTo], [587, 'starttls', 2, []]);
  assert.deepEqual([mail.language, mail.languages], ['en', {}]);
  assert.deepEqual(read([...good, 'languages: { desk@grid.test: nl }'])!.languages, { 'desk@grid.test': 'nl' });
});

for (const [what, lines, code, says] of [
  ['no TLS to another machine', ['security: none'], 'LS-CONFIG-002', /security.*not for smtp\.grid\.test/],
  ['the port of the other TLS mode', ['port: 465'], 'LS-CONFIG-002', /port 465 is for tls: set security to tls/],
  ['a user without a password', ['user: anna'], 'LS-CONFIG-002', /passwordFile is missing/],
  ['a password without a user', ['passwordFile: /p'], 'LS-CONFIG-002', /user is missing/],
  ['empty quiet hours', ['quietHours: { from: "22:00", to: "22:00" }'], 'LS-CONFIG-002', /quietHours/],
  ['a recipient in both lists', ['escalateTo: [desk@grid.test]'], 'LS-CONFIG-002', /is already in to/],
  ['an invalid address', ['escalateTo: [desk]'], 'LS-CONFIG-002', /escalateTo/],
  ['an invalid time of day', ['quietHours: { from: "25:00", to: "06:00" }'], 'LS-CONFIG-002', /quietHours/],
  ['the language of a non-recipient', ['languages: { anna@grid.test: nl }'], 'LS-CONFIG-002', /anna@.*no recipient/],
  ['an unsupported language', ['language: fr'], 'LS-CONFIG-002', /language/],
  ['an unknown key', ['pasword: secret'], 'LS-CONFIG-001', /pasword/],
] as const)
  test(`refused: ${what}`, () => {
    assert.throws(() => read([...good, ...lines]), { code, message: says });
  });

test('the password is read from a file, which must exist and not be empty', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-mail-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'password');
  const secrets = (): unknown => mailSecrets(read([...good, 'user: anna', `passwordFile: ${file}`])!);
  assert.throws(secrets, { code: 'LS-CONFIG-003', message: /there is no file/ });
  writeFileSync(file, '\n');
  assert.throws(secrets, { code: 'LS-CONFIG-003', message: /is empty/ });
  writeFileSync(file, 'secret\n');
  assert.deepEqual(secrets(), { password: 'secret' });
});
