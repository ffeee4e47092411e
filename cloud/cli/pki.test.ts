import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pemBlocks } from '../../shared/pki/pem.ts';
import { makeRequest } from '../../shared/pki/request.ts';
import { BirthFile } from '../ingest/birth-file.ts';
import { pkiFiles } from '../pki/authority-files.ts';
import { barredUntil, readStandings } from '../pki/standing.ts';
import { Database } from '../telemetry/database.ts';
import { run } from './pki.ts';

async function stage(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-pki-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [data, config, region] = [join(folder, 'data'), join(folder, 'cloud.yaml'), join(folder, 'region.json')];
  writeFileSync(config, `region: ${region}\ndata: ${data}\n`);
  const substations = ['owd-01', 'owd-02', 'whf-01'].map((gateway) => ({ gateway }));
  writeFileSync(region, JSON.stringify({ id: 'north', substations }));
  const pki = (...args: string[]): Promise<number> => run([...args, '--config', config]);
  await pki('init');
  return { data, folder, region, pki };
}

test('token, revoke, renew and sign reject an unknown gateway and suggest similar ones', async (t) => {
  const { data, folder, pki } = await stage(t);
  const file = join(folder, 'request.json');
  writeFileSync(file, JSON.stringify({ gateway: 'owd-1', request: (await makeRequest('owd-1')).request }));
  const unknown = {
    code: 'LS-PKI-007',
    message: /^"owd-1" is not a gateway of this cloud; did you mean owd-01\? Known: owd-01, owd-02, whf-01$/,
  };
  for (const args of [
    ['token', 'owd-1'],
    ['revoke', 'owd-1'],
    ['renew', 'owd-1'],
    ['sign', file],
  ])
    await assert.rejects(pki(...args), unknown, args.join(' '));
  assert.deepEqual(readStandings(data), {});
  assert.equal(existsSync(pkiFiles(data).token('owd-1')), false);
  await assert.rejects(pki('revoke', 'hjk'), {
    code: 'LS-PKI-007',
    message: /^"hjk" is not a gateway of this cloud\. Known: /,
  });
  assert.equal(await pki('token', 'owd-01'), 0);
  assert.equal(await pki('revoke', 'owd-01'), 0);
  assert.ok(readStandings(data)['owd-01']!.revokedAt! > 0);
});

test('a gateway outside the region stays known by its token, its standing or its births', async (t) => {
  const { data, region, pki } = await stage(t);
  assert.equal(await pki('token', 'owd-02'), 0);
  assert.equal(await pki('renew', 'whf-01'), 0);
  const database = new Database(join(data, 'state.sqlite'));
  const births = new BirthFile(database);
  births.open();
  await births.commit([{ gateway: 'hal-01', record: { bdSeq: null, births: 0, devices: [] } }]);
  births.close();
  database.close();
  writeFileSync(region, JSON.stringify({ id: 'north', substations: [{ gateway: 'owd-01' }] }));
  assert.equal(await pki('revoke', 'owd-02'), 0, 'it has a token');
  assert.equal(await pki('revoke', 'whf-01'), 0, 'it has a standing');
  assert.equal(await pki('revoke', 'hal-01'), 0, 'it was connected');
  assert.deepEqual(Object.keys(readStandings(data)).toSorted(), ['hal-01', 'owd-02', 'whf-01']);
  assert.equal(await pki('revoke', 'owd-02'), 0, 'its token ended with the revocation, which remains');
});

test('if the region cannot be read, an unknown gateway is rejected with that reason', async (t) => {
  const { region, pki } = await stage(t);
  rmSync(region);
  await assert.rejects(pki('token', 'owd-01'), {
    code: 'LS-PKI-007',
    message: /region\.json cannot be read.*--config/,
  });
});

test('on RabbitMQ a revoked gateway id stays rejected; the broker gets a certificate for its host name', async (t) => {
  const { folder, data, pki } = await stage(t);
  const said: string[] = [];
  t.mock.method(process.stdout, 'write', (text: string) => said.push(text) > 0);
  assert.equal(await pki('broker', 'mq.example'), 0);
  const certificate = new X509Certificate(pemBlocks(said.join(''), 'CERTIFICATE')[0]!);
  for (const name of ['mq.example', 'localhost']) assert.equal(certificate.checkHost(name), name);
  await assert.rejects(pki('broker', 'mqtts://mq.example'), { code: 'LS-CONFIG-002', message: /expected a host name/ });
  const config = join(folder, 'rabbit.yaml');
  const text = readFileSync(join(folder, 'cloud.yaml'), 'utf8');
  writeFileSync(config, `${text}uplink: { rabbitmq: { host: mq.example, passwordFile: password } }\n`);
  assert.equal(await run(['revoke', 'owd-01', '--config', config]), 0);
  assert.match(said.at(-1)!, /this id is rejected for 90 days/);
  const { revokedAt } = readStandings(data)['owd-01']!;
  assert.equal(barredUntil(readStandings(data)['owd-01']), revokedAt! + 90 * 86_400_000);
  assert.equal(barredUntil(undefined), undefined);
  await assert.rejects(run(['token', 'owd-01', '--config', config]), {
    code: 'LS-PKI-001',
    message: /^owd-01 is revoked, and RabbitMQ rejects its id until 20\d\d-.*: give the gateway another id/,
  });
  assert.equal(await pki('token', 'owd-01'), 0, 'the embedded broker distinguishes new certificates from old ones');
});
