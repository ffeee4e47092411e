import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parseJson } from '../../shared/codec/json.ts';
import { publicHalf, signDocument, verifyDocument, type SigningKey } from '../../shared/codec/signed-document.ts';
import {
  decodePayload,
  encodeDeviceBirth,
  encodeFrame,
  encodeNodeBirth,
  encodeNodeDeath,
  metricNamed,
} from '../../shared/codec/sparkplug.ts';
import { BD_SEQ_METRIC } from '../../shared/codec/sparkplug-types.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { parseSparkplugTopic, parseTopic, topicTable, type TopicName } from '../../shared/topics/topics.ts';

/**
 * Messages recorded between a gateway of version 0.1.0 (commit 3f009d6) and its cloud: a start, an operator's commands, a stop. This
 * version must read each message, and must write those that it can rebuild with the same bytes.
 */
interface Publish {
  readonly dir: 'up' | 'down';
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly payload: string;
}
interface Connect {
  readonly cmd: 'connect';
  readonly clientId: string;
  readonly will: Omit<Publish, 'dir'>;
}
const recording = JSON.parse(
  gunzipSync(readFileSync(join(import.meta.dirname, 'v0.1.0', 'wire.json.gz'))).toString(),
) as { readonly signingKey: SigningKey; readonly messages: readonly (Publish | Connect)[] };
const published = recording.messages.filter((message) => 'dir' in message && !('cmd' in message)) as readonly Publish[];
const bytesOf = ({ payload }: { readonly payload: string }): Uint8Array =>
  new Uint8Array(Buffer.from(payload, 'base64'));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const own = published.flatMap((message) => {
  const parsed = parseTopic(message.topic);
  return parsed === undefined ? [] : [{ ...message, name: parsed.name, line: topicTable[parsed.name] }];
});
const sparkplug = published.flatMap((message) => {
  const parsed = parseSparkplugTopic(message.topic);
  return parsed === undefined || message.topic.includes('/STATE/') ? [] : [{ ...message, ...parsed }];
});

test('the recording contains every kind of message exchanged', () => {
  assert.equal(
    published.length,
    own.length + sparkplug.length + published.filter(({ topic }) => topic.includes('STATE')).length,
  );
  const none: readonly TopicName[] = [
    'desiredKeys',
    'reportedTrainingWay',
    'reportedTraining',
    'trainingChunk',
    'desiredTraining',
    'desiredWeather',
    'trainingRequest',
  ];
  for (const name of Object.keys(topicTable) as TopicName[]) {
    if (none.includes(name)) continue;
    assert.ok(
      own.some((message) => message.name === name),
      `a message on ${name}`,
    );
  }
  assert.deepEqual([...new Set(sparkplug.map(({ type }) => type))].sort(), ['DBIRTH', 'DDATA', 'NBIRTH', 'NDEATH']);
});

test('direction, QoS and retain match the topic table', () => {
  for (const { topic, dir, qos, retain, line } of own) {
    assert.deepEqual([dir, qos, retain], [line.direction, line.qos, line.retain], topic);
  }
});

test('every JSON message fits its schema', () => {
  for (const message of own) {
    if (message.line.encoding !== 'json') continue;
    const text = Buffer.from(message.payload, 'base64').toString();
    const value = unwrap(parseJson(text, { code: 'LS-INGEST-001' }));
    assert.ok(message.line.schema, message.topic);
    unwrap(checker(message.line.schema, 'LS-INGEST-001')(value));
  }
});

test('every signed document verifies, and signing it again gives the same bytes', async () => {
  const documents = own.filter(({ line }) => line.encoding === 'jws');
  assert.ok(documents.length > 10);
  for (const message of documents) {
    const jws = Buffer.from(message.payload, 'base64').toString();
    const document = unwrap(await verifyDocument(jws, [publicHalf(recording.signingKey)]));
    assert.equal(unwrap(await signDocument(document, recording.signingKey)), jws, message.topic);
  }
});

test('births, frames and deaths are re-encoded byte for byte', () => {
  const namesOf = new Map<string, Map<number, string>>();
  let frames = 0;
  for (const message of sparkplug) {
    const bytes = bytesOf(message);
    const read = unwrap(decodePayload(bytes));
    const { type, device = '', topic } = message;
    const sentAt = read.sentAt ?? assert.fail(`${topic} has its time of sending`);
    if (type === 'NBIRTH') {
      const [bdSeq, software] = [BD_SEQ_METRIC, 'Properties/Software'].map((name) => metricNamed(read, name)?.value);
      assert.equal(
        hex(encodeNodeBirth({ bdSeq: Number(bdSeq), sentAt, software: String(software) })),
        hex(bytes),
        topic,
      );
    } else if (type === 'NDEATH') {
      assert.equal(hex(encodeNodeDeath(Number(metricNamed(read, BD_SEQ_METRIC)?.value), sentAt)), hex(bytes), topic);
    } else if (type === 'DBIRTH') {
      namesOf.set(device, new Map(read.metrics.map(({ alias, name }) => [alias!, name!])));
      const metrics = read.metrics.map(({ name, alias, value, time, quality, origin }) => ({
        name: name!,
        alias: alias!,
        value: value as number | null,
        time: time!,
        quality,
        origin,
      }));
      assert.equal(hex(encodeDeviceBirth({ seq: read.seq!, sentAt, metrics })), hex(bytes), topic);
    } else {
      const names = namesOf.get(device) ?? assert.fail(`a birth before ${topic}`);
      const aliases = new Map([...names].map(([alias, name]) => [name, alias]));
      const frame = {
        device,
        time: read.metrics[0]!.time!,
        values: read.metrics.map(({ alias, value, quality, origin }) => ({
          metric: names.get(alias!)!,
          value: Number(value),
          quality,
          origin,
        })),
      };
      const again = encodeFrame({
        frame,
        body: read.body ?? assert.fail(`${topic} identifies its frame`),
        seq: read.seq!,
        sentAt,
        historical: read.metrics[0]!.historical,
        aliasOf: (metric) => aliases.get(metric)!,
      });
      assert.equal(hex(again), hex(bytes), topic);
      frames += 1;
    }
  }
  assert.ok(frames > 30, `${frames} frames`);
});

test('the will of a gateway is its death', () => {
  const connects = recording.messages.filter((message) => 'cmd' in message) as readonly Connect[];
  assert.ok(connects.length > 0);
  for (const { clientId, will } of connects) {
    assert.equal(will.topic, `spBv1.0/north/NDEATH/${clientId}`);
    const read = unwrap(decodePayload(bytesOf(will)));
    assert.equal(typeof metricNamed(read, BD_SEQ_METRIC)?.value, 'number');
  }
});
