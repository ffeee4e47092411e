import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { SettingsDocument } from '../contracts/document.ts';
import { unwrap } from '../outcome/outcome.ts';
import { documentText, packDocument } from './packed-document.ts';
import { compressedDocument, publicHalf, signDocument, verifyDocument, type SigningKey } from './signed-document.ts';

/** RFC 8037, appendix A.1. */
const key: SigningKey = {
  kty: 'OKP',
  crv: 'Ed25519',
  kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
};
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
  body: {
    gridLimit: {
      importKw: 250,
      exportKw: 100,
      schedule: {
        start: 1000,
        stepsS: [300, 300, 900, 900],
        importKw: [250, 260, 255.5, 270],
        exportKw: [100, 100, 100, 90],
        after: { importKw: 50, exportKw: 40 },
      },
    },
  },
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

/** Plain and in columns. Every later version must read both. */
const GOLDEN =
  '0159007b22616c67223a224564445341222c226b6964223a226b50724b5f716d7856576159564139777742463649756f3376567a7a37547848435477584279677253346b222c22747970223a226c6f616473746f6e652b6a7773227d2b2392df99b188ad85f3b0e3c1642c736665c1cc33df6ca0836864ad9e3fa420f24e4ec2ae0812682d1b902a26ec797f0f606c46a38d50695633f7fb2153ae0d7b2274797065223a2273657474696e6773222c2276657273696f6e223a312c2267617465776179223a226f77642d3031222c2265706f6368223a312c2273657175656e6365223a342c226973737565644174223a313030302c22616363657074556e74696c223a323030302c2276616c696446726f6d223a313030302c2276616c6964556e74696c223a333030302c22626f6479223a7b22677269644c696d6974223a7b22696d706f72744b77223a3235302c226578706f72744b77223a3130302c227363686564756c65223a7b227374617274223a313030302c22737465707353223a5b3330302c3330302c3930302c3930305d2c22696d706f72744b77223a5b3235302c3236302c3235352e352c3237305d2c226578706f72744b77223a5b3130302c3130302c3130302c39305d2c226166746572223a7b22696d706f72744b77223a35302c226578706f72744b77223a34307d7d7d7d7d';
const GOLDEN_COLUMNS =
  '0178007b22616c67223a224564445341222c226b6964223a226b50724b5f716d7856576159564139777742463649756f3376567a7a37547848435477584279677253346b222c22747970223a226c6f616473746f6e652b6a7773222c227a6970223a22636f6c756d6e73222c2263726974223a5b227a6970225d7d60cdca5723f9eba177879ff9ab6e14c91114dce627e17fc6ad376979717ab93deb66439eb2ed17ee4c52d8fe6426e9828060fe311d2ff03620e37aaef43ae80d1b550100c48275a53ef9c46d2f34f58378de48176abbcf26b20936a2705308c9e4a88a6af136f11182f5392bed14292ec875a920c81530d0a0209141803c0dd6044231b8ac20828157164ec820feec2085419501750f2de8299b8be5385ed9fef2364a41121aafb85deb22e3c3c9ddca548d22d38228d27794452d823c3dbc0690a48ee48dcb8b622e2b03b8f1b862018221341fd2ef0e82a07c0e437a3c60639412fd2016c6a5b8e9a7e8d9161b2cadc5ed70f853977fe36f76b5815911b66ddb36';

test('the byte format of this version is fixed', async () => {
  assert.equal(hex(packDocument(unwrap(await signDocument(settings, key)))), GOLDEN);
});

test('the golden bytes read as intended', async () => {
  for (const golden of [GOLDEN, GOLDEN_COLUMNS])
    assert.deepEqual(unwrap(await verifyDocument(documentText(bytesOf(golden)), [publicHalf(key)])), settings);
});

test('text is read unchanged, and documents that would not unpack identically are sent as text', async () => {
  const jws = unwrap(await signDocument(settings, key, compressedDocument(settings, 'br')));
  const text = new TextEncoder().encode(jws);
  assert.equal(documentText(text), jws);
  assert.equal(documentText(packDocument(jws)), jws);
  assert.ok(packDocument(jws).length < 0.8 * text.length);
  for (const other of ['', 'e30', 'e30.e30', `${jws}=`, `${jws}.e30`, jws.replace('.', '.='), 'no document'])
    assert.equal(documentText(packDocument(other)), other);
});

test('packed bytes with any bit changed are rejected', async () => {
  const packed = packDocument(unwrap(await signDocument(settings, key)));
  for (let at = 0; at < packed.length; at += 3) {
    const outcome = await verifyDocument(documentText(packed.with(at, packed[at]! ^ 1)), [publicHalf(key)]);
    assert.equal(outcome.ok ? 'accepted' : outcome.fault.code, 'LS-DOC-001', `byte ${at}`);
  }
});

test('arbitrary bytes of any length are rejected without an exception', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      for (const each of [bytes, new Uint8Array([1, ...bytes])]) {
        const outcome = await verifyDocument(documentText(each), [publicHalf(key)]);
        assert.equal(outcome.ok, false);
      }
    }),
  );
});
