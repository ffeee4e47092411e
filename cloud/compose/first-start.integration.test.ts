import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { startCloud } from '../main.ts';
import { testRegion } from '../plan/testing/fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'ls-first-start-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'region.json'), JSON.stringify(testRegion('owd')));
writeFileSync(join(folder, 'callers.json'), '{ "version": 2 }');

let starts = 0;
function dataFolder(): string {
  const data = join(folder, `data-${++starts}`);
  mkdirSync(data);
  writeFileSync(join(data, 'users.htpasswd'), '');
  return data;
}

async function start(more: string, data = dataFolder(), dashboardRoot?: string): Promise<string[]> {
  const said: string[] = [];
  const cloud = await startCloud({
    file: 'test',
    text: `region: ${folder}/region.json\ndata: ${data}\nuplink: { plainPort: 0 }\n${more}`,
    flags: {},
    dashboardRoot,
    parent: undefined,
    log: (line) => said.push(line),
  }).catch((error: unknown) => {
    assert.deepEqual(said, [], 'the one-time password is printed by a start that fails');
    throw error;
  });
  await cloud.stop();
  return said;
}

const api = (more: string): string => `api: { port: 0, ${more} }`;
const none = join(folder, 'none');
const faults: Readonly<Record<string, { readonly more: string; readonly code: string }>> = {
  'a missing certificate': { more: api(`tls: { certFile: ${none} }`), code: 'LS-CONFIG-003' },
  'an unreadable callers file': { more: api(`callersFile: ${folder}/callers.json`), code: 'LS-CONFIG-002' },
  'a missing client secret of OpenID Connect': {
    more: api(
      `publicOrigin: 'https://a.example', trustedProxies: [127.0.0.1], oidc: { issuer: 'https://b.example', clientId: a, clientSecretFile: ${none}, groups: [{ group: a, roles: [operator] }] }`,
    ),
    code: 'LS-CONFIG-003',
  },
  'a missing weather file': { more: `${api('')}\nforecast: { weatherFile: ${none} }`, code: 'LS-CONFIG-003' },
  'a missing CO2 file': { more: `${api('')}\ndispatch: { co2File: ${none} }`, code: 'LS-CONFIG-003' },
  'missing alarm rules': { more: `${api('')}\nalarms: { rulesFile: ${none} }`, code: 'LS-CONFIG-003' },
  'a missing execution provider': { more: `${api('')}\nmodels: { executionProvider: cuda }`, code: 'LS-CONFIG-005' },
};

for (const [what, { more, code }] of Object.entries(faults))
  test(`a first start that fails at ${what} prints no password`, () => assert.rejects(start(more), { code }));

test('a first start that fails at measurements of a newer version prints no password; the next one does', async () => {
  const data = dataFolder();
  const file = join(data, 'telemetry.sqlite');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 999');
  db.close();
  await assert.rejects(start(api(''), data), { code: 'LS-DATA-005' });
  rmSync(file);
  assert.match((await start(api(''), data))[0]!, /one-time password/);
});

test('a first start that ends at a page that is not there prints no password; the next one does', async () => {
  const data = dataFolder();
  await assert.rejects(start(api(''), data, none));
  assert.match((await start(api(''), data))[0]!, /one-time password/);
});
