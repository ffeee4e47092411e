import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pemBlocks } from '../../shared/pki/pem.ts';
import { makeRequest } from '../../shared/pki/request.ts';
import { issuedAt, renewFrom } from '../../shared/pki/serial.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { debianTool } from '../../simulators/testing/debian.ts';
import { pkiFiles } from './authority-files.ts';
import { Authority } from './authority.ts';
import { dropOldRoots, initAuthority, rollIssuer, rollRoot } from './make-authority.ts';

const now = Date.UTC(2027, 0, 1);

async function authority(t: TestContext) {
  const data = mkdtempSync(join(tmpdir(), 'loadstone-pki-'));
  t.after(() => rmSync(data, { recursive: true }));
  const place = { data, rootKey: '', now };
  await initAuthority(place, 'Loadstone north');
  return { data, place, issuing: new Authority(data) };
}

/** OpenSSL's verdict on a chain, the gateway's certificate first, under these roots. */
function openssl(data: string, chain: string, roots: string, purpose = 'sslclient'): string {
  const [leaf = '', ...above] = pemBlocks(chain, 'CERTIFICATE');
  const files = { leaf, above: above.join(''), roots };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(data, `${name}.pem`), text);
  const { path, env } = debianTool('openssl');
  const { stdout, stderr } = spawnSync(
    path,
    ['verify', '-x509_strict', '-purpose', purpose, '-attime', `${now / 1000 + 60}`, '-CAfile', join(data, 'roots.pem')]
      .concat(above.length === 0 ? [] : ['-untrusted', join(data, 'above.pem')])
      .concat(join(data, 'leaf.pem')),
    { encoding: 'utf8', env },
  );
  return stdout + stderr;
}

test('OpenSSL accepts a gateway certificate only as a client, and only under its root', async (t) => {
  const { data, issuing } = await authority(t);
  const { request } = await makeRequest('owd-01');
  const chain = unwrap(await issuing.certify('owd-01', request, now));
  assert.match(openssl(data, chain, issuing.roots()), /: OK/);
  assert.match(openssl(data, chain, issuing.roots(), 'sslserver'), /unsuitable certificate purpose/);
  const other = await authority(t);
  assert.match(openssl(data, chain, other.issuing.roots()), /unable to get local issuer|authority and subject key/);

  const leaf = new X509Certificate(chain);
  assert.equal(leaf.subject, 'CN=owd-01');
  assert.equal(leaf.subjectAltName, 'DNS:owd-01');
  assert.equal(leaf.validFromDate.getTime(), 0, 'a gateway whose clock was never set connects');
  const dates = { serialNumber: leaf.serialNumber, validFromMs: 0, validToMs: leaf.validToDate.getTime() };
  assert.equal(issuedAt(dates), now);
  assert.equal(renewFrom(dates), now + 60 * 86_400_000);
});

test('a request for another gateway, with a broken signature or a weak key is rejected', async (t) => {
  const { data, issuing } = await authority(t);
  const { request } = await makeRequest('owd-01');
  const said = async (gateway: string, text: string): Promise<string> => {
    const outcome = await issuing.certify(gateway, text, now);
    return outcome.ok ? 'issued' : `${outcome.fault.code} ${outcome.fault.detail}`;
  };
  assert.match(await said('wls-01', request), /LS-PKI-004 the request is for "owd-01", not for wls-01/);
  const der = Buffer.from(pemBlocks(request, 'CERTIFICATE REQUEST')[0]!.replaceAll(/-----.*-----|\s/g, ''), 'base64');
  der[der.length - 1]! ^= 1;
  const bent = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  assert.match(await said('owd-01', bent), /LS-PKI-004/);
  assert.match(await said('owd-01', 'nonsense'), /LS-PKI-004/);
  const key = join(data, 'rsa.pem');
  const { path, env } = debianTool('openssl');
  const made = spawnSync(
    path,
    ['req', '-new', '-newkey', 'rsa:1024', '-nodes', '-keyout', key, '-subj', '/CN=owd-01'],
    { encoding: 'utf8', env },
  );
  assert.match(await said('owd-01', made.stdout), /LS-PKI-004 .*P-256 or Ed25519/);
});

test('after a change of issuer and of root, old and new certificates lead to old and new roots', async (t) => {
  const { data, place, issuing } = await authority(t);
  const certified = async (): Promise<string> =>
    unwrap(await issuing.certify('owd-01', (await makeRequest('owd-01')).request, now));
  const oldRoots = issuing.roots();
  const first = await certified();
  await rollIssuer(place);
  const second = await certified();
  assert.notEqual(pemBlocks(first, 'CERTIFICATE')[1], pemBlocks(second, 'CERTIFICATE')[1]);
  for (const chain of [first, second]) assert.match(openssl(data, chain, oldRoots), /: OK/);

  await rollRoot(place);
  const third = await certified();
  assert.match(openssl(data, third, oldRoots), /: OK/, 'a gateway that knows only the old root stays connected');
  for (const chain of [first, second, third]) assert.match(openssl(data, chain, issuing.roots()), /: OK/);

  assert.equal(await dropOldRoots(place), 1);
  assert.match(openssl(data, third, issuing.roots()), /: OK/);
  assert.doesNotMatch(openssl(data, first, issuing.roots()), /: OK/);
});

/** Runs `act` and crashes it just before it puts its file number `step` in place. Returns whether it got that far. */
async function crashing(step: number, act: () => Promise<unknown>): Promise<boolean> {
  const { renameSync } = fs;
  let count = 0;
  fs.renameSync = (from, to) => {
    if (++count === step) throw new Error('crash');
    renameSync(from, to);
  };
  syncBuiltinESMExports();
  try {
    await act();
    return false;
  } catch (error) {
    if (!(error instanceof Error && error.message === 'crash')) throw error;
    return true;
  } finally {
    fs.renameSync = renameSync;
    syncBuiltinESMExports();
  }
}

test('a root change interrupted at any file leaves an authority that can issue and roll', async (t) => {
  let step = 1;
  for (let isCut = true; isCut; step++) {
    const { data, place, issuing } = await authority(t);
    const certified = async (): Promise<string> =>
      unwrap(await issuing.certify('owd-01', (await makeRequest('owd-01')).request, now));
    const oldRoots = issuing.roots();
    const first = await certified();
    isCut = await crashing(step, () => rollRoot(place));
    const second = await certified();
    const server = await issuing.serverIdentity([{ type: 'dns', value: 'localhost' }], now);
    const [newest = ''] = pemBlocks(issuing.roots(), 'CERTIFICATE');
    const where = `cut at file ${step}`;
    for (const chain of [first, second])
      for (const roots of [oldRoots, issuing.roots()]) assert.match(openssl(data, chain, roots), /: OK/, where);
    assert.match(
      openssl(data, server, newest, 'sslserver'),
      /: OK/,
      `${where}: a newly enrolled gateway knows only the newest root`,
    );
    await rollIssuer(place);
    const before = issuing.roots();
    await rollRoot(place);
    for (const roots of [before, issuing.roots()]) assert.match(openssl(data, await certified(), roots), /: OK/, where);
    const key = readFileSync(pkiFiles(data).rootKey, 'utf8');
    assert.equal(pemBlocks(key, 'PRIVATE KEY').length, 1, `${where}: the older key is gone`);
  }
  assert.ok(step > 4, `${step} files`);
});

test('pki init interrupted at any file completes when run again', async (t) => {
  let step = 1;
  for (let isCut = true; isCut; step++) {
    const data = mkdtempSync(join(tmpdir(), 'loadstone-pki-'));
    t.after(() => rmSync(data, { recursive: true }));
    const place = { data, rootKey: '', now };
    isCut = await crashing(step, () => initAuthority(place, 'Loadstone north'));
    if (isCut) await initAuthority(place, 'Loadstone north');
    const issuing = new Authority(data);
    const { request } = await makeRequest('owd-01');
    const chain = unwrap(await issuing.certify('owd-01', request, now));
    assert.match(openssl(data, chain, issuing.roots()), /: OK/, `cut at file ${step}`);
    await rollRoot(place);
  }
  assert.ok(step > 4, `${step} files`);
});

test('dropping old roots leaves every issuer below the newest root, and may be repeated after a crash', async (t) => {
  let step = 1;
  for (let isCut = true; isCut; step++) {
    const { data, place } = await authority(t);
    await rollRoot(place);
    await rollIssuer(place);
    isCut = await crashing(step, () => dropOldRoots(place));
    if (isCut) assert.equal(await dropOldRoots(place), 1, `cut at file ${step}`);
    const issuers = pemBlocks(readFileSync(pkiFiles(data).issuers, 'utf8'), 'CERTIFICATE');
    assert.equal(issuers.length, 2, `cut at file ${step}: certificates of both issuers may be renewed`);
  }
});

test('an authority is never overwritten, and another root key is rejected', async (t) => {
  const { place } = await authority(t);
  await assert.rejects(initAuthority(place, 'again'), { code: 'LS-PKI-003' });
  const other = await authority(t);
  await assert.rejects(rollIssuer({ ...place, rootKey: pkiFiles(other.data).rootKey }), { code: 'LS-PKI-003' });
});
