import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../shared/config/read-config.ts';
import { cloudChecks, CloudConfig } from '../config.ts';
import { webhookSecrets } from './webhook-config.ts';

const read = (...webhooks: readonly string[]): CloudConfig['notify']['webhooks'] =>
  readConfig(
    CloudConfig,
    { file: 'cloud.yaml', text: `notify:\n  webhooks: [${webhooks.map((each) => `{ ${each} }`).join(', ')}]\n` },
    cloudChecks,
  ).notify.webhooks;
const secretFile = 'secretFile: /s';
const good = `name: pager, url: "https://pager.grid.test/in", ${secretFile}`;

test('name, URL and secret are enough; private addresses need https, this machine may use http', () => {
  const [pager] = read(good);
  assert.deepEqual(
    [pager!.priority, pager!.escalateAfterMin, pager!.language, pager!.escalateTo],
    [2, 15, 'en', undefined],
  );
  for (const url of [
    'https://10.0.0.5:8443/in',
    'http://127.0.0.1:9000/in',
    'http://[::1]:9000/in',
    'http://localhost/',
  ])
    assert.equal(read(`name: pager, url: "${url}", ${secretFile}`)[0]!.url, url);
  assert.deepEqual(read(), []);
});

const named = (url: string): string => `name: pager, url: "${url}", ${secretFile}`;
for (const [what, webhooks, code, says] of [
  ['http to another machine', [named('http://10.0.0.5/in')], 'LS-CONFIG-002', /webhooks\.0\.url.*not for 10\.0\.0\.5/],
  ['a user in the URL', [named('https://a:b@grid.test/')], 'LS-CONFIG-002', /url must be an https or http URL/],
  ['a file URL', [named('file:///etc/passwd')], 'LS-CONFIG-002', /url must be an https or http URL/],
  ['an invalid URL', [named('pager')], 'LS-CONFIG-002', /url must be an https or http URL/],
  ['no secret', ['name: pager, url: "https://grid.test/"'], 'LS-CONFIG-002', /secretFile/],
  ['two with one name', [good, good], 'LS-CONFIG-002', /webhooks\.1\.name pager is the name of another/],
  ['an invalid name', [good.replace('pager', 'My Pager')], 'LS-CONFIG-002', /name/],
  [
    'the same receiver twice',
    [`${good}, escalateTo: { url: "https://pager.grid.test/in", ${secretFile} }`],
    'LS-CONFIG-002',
    /escalateTo\.url is the same as url/,
  ],
  [
    'http to another machine for escalation',
    [`${good}, escalateTo: { url: "http://chief.grid.test/", ${secretFile} }`],
    'LS-CONFIG-002',
    /escalateTo\.url http is only for/,
  ],
  [
    'caFile without TLS',
    [`${named('http://localhost/')}, caFile: /ca.pem`],
    'LS-CONFIG-002',
    /caFile has no effect without TLS/,
  ],
  ['empty quiet hours', [`${good}, quietHours: { from: "22:00", to: "22:00" }`], 'LS-CONFIG-002', /quietHours/],
  ['priority 3', [`${good}, priority: 3`], 'LS-CONFIG-002', /priority/],
  ['an unknown key', [`${good}, secret: whsec_x`], 'LS-CONFIG-001', /secret is not a known key/],
] as const)
  test(`refused: ${what}`, () => {
    assert.throws(() => read(...webhooks), { code, message: says });
  });

test('the secret is read from a file, which must exist and hold enough random bytes', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-webhook-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'secret');
  const secrets = (): unknown => webhookSecrets(read(good.replace('/s', file))[0]!);
  assert.throws(secrets, { code: 'LS-CONFIG-003', message: /notify\.webhooks\.pager\.secretFile: there is no file/ });
  for (const text of ['secret', 'whsec_', 'whsec_c2hvcnQ=', `whsec_${'_'.repeat(44)}`, `whsec_${'A'.repeat(100)}`]) {
    writeFileSync(file, text);
    assert.throws(secrets, { code: 'LS-CONFIG-002', message: /holds no webhook secret: write whsec_/ }, text);
  }
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  writeFileSync(file, `${secret}\n`);
  assert.deepEqual(secrets(), { first: secret });
});
