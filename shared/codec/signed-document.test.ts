import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompactSign, decodeProtectedHeader, importJWK } from 'jose';
import type { CommandDocument, SettingsDocument } from '../contracts/document.ts';
import { unwrap } from '../outcome/outcome.ts';
import { packed } from './packed.ts';
import {
  compressedDocument,
  generateSigningKey,
  publicHalf,
  signDocument,
  verifyDocument,
  zipOf,
} from './signed-document.ts';

const settings: SettingsDocument = {
  type: 'settings',
  version: 1,
  gateway: 'owd-01',
  epoch: 1,
  sequence: 4,
  issuedAt: 1000,
  acceptUntil: 2000,
  validFrom: 1000,
  validUntil: 3000,
  body: { mode: 'automatic', gridLimit: { importKw: 250, exportKw: 100 } },
};
const { privateKey, publicKey } = await generateSigningKey();
const stranger = await generateSigningKey();
const sign = async (payload: Uint8Array, header: Record<string, unknown>, key = privateKey): Promise<string> =>
  new CompactSign(payload)
    .setProtectedHeader({ alg: 'EdDSA', kid: publicKey.kid, typ: 'loadstone+jws', ...header })
    .sign(await importJWK(key, 'EdDSA'), { crit: { zip: true } });
const signText = (text: string, header: Record<string, unknown> = {}): Promise<string> =>
  sign(new TextEncoder().encode(text), header);
const verdict = async (jws: string): Promise<string> => {
  const outcome = await verifyDocument(jws, [publicKey]);
  return outcome.ok ? 'accepted' : outcome.fault.code;
};
const encode = (text: string): string => Buffer.from(text).toString('base64url');
const text = JSON.stringify(settings);

test('a signed document is read back with the key its kid names', async () => {
  const jws = unwrap(await signDocument(settings, privateKey));
  assert.deepEqual(unwrap(await verifyDocument(jws, [stranger.publicKey, publicKey])), settings);
  assert.equal('d' in publicHalf(privateKey), false);
});

test('a bit flipped anywhere is rejected', async () => {
  const jws = unwrap(await signDocument(settings, privateKey));
  const bytes = Buffer.from(jws, 'latin1');
  for (let at = 0; at < bytes.length; at += 3) {
    const changed = Buffer.from(bytes);
    changed[at] = bytes[at]! ^ 0x01;
    if (isSameSignature(changed.toString('latin1'), jws)) continue;
    assert.equal(await verdict(changed.toString('latin1')), 'LS-DOC-001', `byte ${at}`);
  }
});

/** The last character of a base64url part has unused bits. */
function isSameSignature(changed: string, jws: string): boolean {
  const decoded = (each: string): string => Buffer.from(each.split('.')[2] ?? '', 'base64url').toString('hex');
  return changed.slice(0, -1) === jws.slice(0, -1) && decoded(changed) === decoded(jws);
}

const refused: readonly [name: string, jws: () => string | Promise<string>, code: string][] = [
  ['alg none', () => `${encode('{"alg":"none","typ":"loadstone+jws"}')}.${encode(text)}.`, 'LS-DOC-001'],
  [
    'HS256 with the public key as its secret',
    async () =>
      new CompactSign(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'HS256', kid: publicKey.kid, typ: 'loadstone+jws' })
        .sign(new TextEncoder().encode(publicKey.x)),
    'LS-DOC-001',
  ],
  ['another typ', () => signText(text, { typ: 'JWT' }), 'LS-DOC-001'],
  ['an extra header', () => signText(text, { jku: 'https://example.net/keys' }), 'LS-DOC-001'],
  ['a kid that is a path', () => signText(text, { kid: '../../dev/null' }), 'LS-DOC-001'],
  ['an unknown key', async () => unwrap(await signDocument(settings, stranger.privateKey)), 'LS-DOC-001'],
  [
    'an unknown key under a known kid',
    async () => unwrap(await signDocument(settings, { ...stranger.privateKey, kid: publicKey.kid })),
    'LS-DOC-001',
  ],
  ['not a JWS', () => 'garbage', 'LS-DOC-001'],
  ['duplicate keys', () => signText(text.replace('"epoch":1', '"epoch":1,"epoch":9')), 'LS-DOC-005'],
  ['an unknown field', () => signText(text.replace('"epoch":1', '"epoch":1,"extra":9')), 'LS-DOC-005'],
  ['an unknown field in the body', () => signText(text.replace('"mode"', '"moed":1,"mode"')), 'LS-DOC-005'],
  ['NaN', () => signText(text.replace('250', 'NaN')), 'LS-DOC-006'],
  ['1e999', () => signText(text.replace('250', '1e999')), 'LS-DOC-006'],
  ['a number as text', () => signText(text.replace('250', '"250"')), 'LS-DOC-005'],
  ['a negative limit', () => signText(text.replace('250', '-250')), 'LS-DOC-005'],
  ['no expiry', () => signText(text.replace('"acceptUntil":2000,', '')), 'LS-DOC-005'],
  ['a future version', () => signText(text.replace('"version":1', '"version":2')), 'LS-DOC-009'],
  ['an unknown type', () => signText(text.replace('"settings"', '"constructor"')), 'LS-DOC-005'],
];
for (const [name, jws, code] of refused) {
  test(`rejected: ${name}`, async () => assert.equal(await verdict(await jws()), code));
}

const zipped = { zip: 'br', crit: ['zip'] };
const zip = (of: string): Uint8Array => packed(new TextEncoder().encode(of));

test('a compressed document is read back; the plain one keeps its bytes', async () => {
  for (const zip of ['br', 'columns'] as const) {
    const jws = unwrap(await signDocument(settings, privateKey, compressedDocument(settings, zip)));
    const header = { alg: 'EdDSA', kid: publicKey.kid, typ: 'loadstone+jws', ...zipped, zip };
    assert.deepEqual(decodeProtectedHeader(jws), header);
    assert.deepEqual(unwrap(await verifyDocument(jws, [publicKey])), settings);
    assert.equal(zipOf(jws), zip);
  }
  const plain = unwrap(await signDocument(settings, privateKey));
  assert.equal(zipOf(plain), undefined);
  assert.equal(plain, await signText(text));
});

const refusedZipped: readonly [name: string, jws: () => Promise<string>, code: string][] = [
  ['not Brotli', () => sign(new TextEncoder().encode(text), zipped), 'LS-DOC-005'],
  ['truncated', () => sign(zip(text).slice(0, 60), zipped), 'LS-DOC-005'],
  ['another compression', () => sign(zip(text), { ...zipped, zip: 'DEF' }), 'LS-DOC-001'],
  ['zip without crit', () => sign(zip(text), { zip: 'br' }), 'LS-DOC-001'],
  ['columns declared as Brotli', () => sign(zip('{"~":"0A"}'), zipped), 'LS-DOC-005'],
  ['malformed columns', () => sign(zip('{"~":{"type":7}}'), { ...zipped, zip: 'columns' }), 'LS-DOC-005'],
  [
    'an unknown field in columns',
    () => sign(zip(text.replace('250', '250,"~":"0A"')), { ...zipped, zip: 'columns' }),
    'LS-DOC-005',
  ],
  ['a duplicate key inside', () => sign(zip(text.replace('"epoch":1', '"epoch":1,"epoch":9')), zipped), 'LS-DOC-005'],
  ['an unknown key, compressed', () => sign(zip(text), zipped, stranger.privateKey), 'LS-DOC-001'],
];
for (const [name, jws, code] of refusedZipped) {
  test(`rejected, compressed: ${name}`, async () => assert.equal(await verdict(await jws()), code));
}

test('unsigned data is not decompressed; signed data beyond the limit is rejected before allocation', async () => {
  const bomb = packed(new Uint8Array(200_000_000));
  assert.ok(bomb.length < 2000, `${bomb.length} bytes`);
  const before = process.memoryUsage().arrayBuffers;
  assert.equal(await verdict(await sign(bomb, zipped, stranger.privateKey)), 'LS-DOC-001');
  assert.equal(await verdict(await sign(bomb, zipped)), 'LS-DOC-005');
  assert.ok(process.memoryUsage().arrayBuffers - before < 20_000_000);
});

test('a non-finite number is not signed', async () => {
  const command: CommandDocument = {
    ...settings,
    type: 'command',
    body: {
      id: 'command-1',
      kind: 'override',
      device: 'battery-1',
      setpoint: { activePowerKw: Number.NaN },
      reason: 'test',
      user: 'test',
      expiresAt: 2500,
    },
  };
  const outcome = await signDocument(command, privateKey);
  assert.deepEqual(outcome.ok ? undefined : [outcome.fault.code, outcome.fault.pointer], [
    'LS-DOC-006',
    '/body/setpoint/activePowerKw',
  ]);
});
