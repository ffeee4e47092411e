import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeChunk, encodeChunk } from '../codec/chunk.ts';
import { parseJson } from '../codec/json.ts';
import { sha256Of } from '../codec/sha256.ts';
import { coveredText, readCovered, signHeartbeat } from '../codec/signed-heartbeat.ts';
import { publicHalf, signDocument, type SigningKey, verifyDocument } from '../codec/signed-document.ts';
import { documentSchemas, type DocumentType } from '../contracts/document.ts';
import { MODEL_CHUNK_BYTES } from '../contracts/model.ts';
import type { Heartbeat } from '../contracts/report.ts';
import { assertCovers } from '../contracts/testing/assert-covers.ts';
import { unwrap } from '../outcome/outcome.ts';
import { followKeyLists, KeyList, readListUnverified, signKeyList } from '../pki/key-list.ts';
import { VirtualClock } from '../time/virtual-clock.ts';
import { HostState } from './host-state.ts';
import { topicTable, type TopicLine, type TopicName } from './topics.ts';

/**
 * Messages of invented values, a file per topic and a message per line; those of bytes in hexadecimal. Gateways in the field send and read
 * such, so a line is never changed. A new field or alternative gets a line that uses it.
 */
const FOLDER = join(import.meta.dirname, 'golden');
const linesOf = (name: string): string[] =>
  readFileSync(join(FOLDER, `${name}.txt`), 'utf8')
    .trimEnd()
    .split('\n');

/** The key of RFC 8037, appendix A.1, and its successor, the key of RFC 8032, 7.1, test 2. */
const KEY: SigningKey = {
  kty: 'OKP',
  crv: 'Ed25519',
  kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
};
const NEXT: SigningKey = {
  kty: 'OKP',
  crv: 'Ed25519',
  kid: 'next',
  d: 'TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs',
  x: 'PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw',
};

/** The end of a file of two chunks whose other bytes are 0. */
const LAST = new Uint8Array([250, 251, 252, 253, 254]);

const valueOf = (line: string): unknown => unwrap(parseJson(line, { code: 'LS-DOC-005' }));

const documentTypes: Partial<Record<TopicName, DocumentType>> = {
  desiredPlan: 'plan',
  desiredModel: 'model',
  desiredSettings: 'settings',
  desiredTraining: 'training',
  desiredWeather: 'weather',
  command: 'command',
};

/** Reads the messages of a topic by its schema or codec, and writes them again. */
const checks: Record<TopicLine['encoding'] | 'keys', (lines: string[], name: TopicName) => Promise<void>> = {
  json: async (lines, name) => {
    const values = lines.map(valueOf);
    assert.deepEqual(
      values.map((value) => JSON.stringify(value)),
      lines,
    );
    assertCovers(topicTable[name].schema!, values);
  },
  jws: async (lines, name) => {
    const type = documentTypes[name] ?? assert.fail(`documents of ${name}`);
    const documents = [];
    for (const jws of lines) {
      const document = unwrap(await verifyDocument(jws, [publicHalf(KEY)]));
      assert.equal(unwrap(await signDocument(document, KEY)), jws);
      documents.push(document);
    }
    assertCovers(documentSchemas[type], documents);
  },
  keys: async (lines) => {
    assert.deepEqual(unwrap(await followKeyLists(lines.join('\n'), publicHalf(KEY))).lines, lines);
    const lists = lines.map((jws) => unwrap(readListUnverified(jws)));
    assert.deepEqual([await signKeyList(lists[0]!, KEY), await signKeyList(lists[1]!, NEXT)], lines);
    assertCovers(KeyList, lists);
  },
  bytes: async (lines) => {
    const file = new Uint8Array(MODEL_CHUNK_BYTES + LAST.length);
    file.set(LAST, MODEL_CHUNK_BYTES);
    const chunk = { sha256: await sha256Of(file), index: 1 };
    assert.deepEqual([encodeChunk({ ...chunk, bytes: file }).toHex()], lines);
    assert.deepEqual(decodeChunk(Uint8Array.fromHex(lines[0]!)), { ...chunk, bytes: LAST });
  },
  sparkplug: async () => assert.fail('Sparkplug payloads are pinned beside their codec'),
};

for (const name of Object.keys(topicTable) as TopicName[]) {
  test(`${name}: the golden messages are read, and written with the same bytes`, async () => {
    await checks[name === 'desiredKeys' ? 'keys' : topicTable[name].encoding](linesOf(name), name);
  });
}

test('every topic and every type of document has golden messages', () => {
  assert.deepEqual(
    readdirSync(FOLDER).sort(),
    Object.keys(topicTable)
      .map((name) => `${name}.txt`)
      .sort(),
  );
  assert.deepEqual(Object.values(documentTypes).sort(), Object.keys(documentSchemas).sort());
});

test('the signature of a heartbeat covers gateway, nonce, time and coverage', async () => {
  const { time, covered, signed } = valueOf(linesOf('heartbeat').at(-1)!) as Heartbeat;
  const words = { gateway: 'owd-01', nonce: '0123456789abcdef0123456789abcdef', time, covered };
  assert.equal(await signHeartbeat(words, KEY), signed);
  assert.deepEqual(covered!.map(readCovered), [
    { stream: 'measurements', run: 7, upTo: 41, ranges: [[44, 47]] },
    { stream: 'events', run: 4027289873, upTo: -1, ranges: [] },
  ]);
  assert.deepEqual(
    covered!.map((text) => coveredText(readCovered(text))),
    covered,
  );
});

test('the STATE of the host application has the same bytes', async () => {
  const sent: string[] = [];
  const publish = async (_topic: string, payload: Uint8Array): Promise<boolean> => {
    sent.push(new TextDecoder().decode(payload));
    return true;
  };
  const state = new HostState({ hostId: 'loadstone-cloud', publish, machine: new VirtualClock(1632528000000).machine });
  sent.push(new TextDecoder().decode(state.will().payload));
  await state.online();
  assert.deepEqual(sent, ['{"online":false,"timestamp":1632528000000}', '{"online":true,"timestamp":1632528000000}']);
});
