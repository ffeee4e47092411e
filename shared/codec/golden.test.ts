import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FrameValue } from '../contracts/frame.ts';
import { THIS_READS } from '../contracts/reads.ts';
import { unwrap } from '../outcome/outcome.ts';
import { decodeFrameBody, encodeFrameBody } from './frame-body.ts';
import {
  decodePayload,
  encodeCommand,
  encodeDeviceBirth,
  encodeDeviceDeath,
  encodeFrame,
  encodeNodeBirth,
  encodeNodeDeath,
  encodeRebirthCommand,
} from './sparkplug.ts';
import { datatypes } from './sparkplug-types.ts';

/**
 * Bytes that version 0.1.0 put on the wire, in hexadecimal; `nodeBirthWithReads` is of the version after it. A change here breaks gateways
 * in the field; the format would need a new version.
 */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'golden.json'), 'utf8')) as Record<string, string>;

const TIME = Date.UTC(2021, 8, 25, 0, 0, 1);
const SENT = TIME + 250;
const values: readonly FrameValue[] = [
  { metric: 'activePowerKw', value: -1234.5, quality: 'good', origin: 'measured' },
  { metric: 'reactivePowerKvar', value: 0.1, quality: 'uncertain', origin: 'measured' },
  { metric: 'voltagePu', value: 1.0125, quality: 'bad', origin: 'measured' },
  { metric: 'socPct', value: 50, quality: 'good', origin: 'estimated' },
  { metric: 'currentA', value: 0, quality: 'good', origin: 'substituted' },
];
const body = { run: 0x89abcdef, offset: 0x1_2345_6789, monotonicMs: 86_400_000.5 };
const names = values.map(({ metric }) => metric);
const frame = (historical: boolean): Uint8Array =>
  encodeFrame({
    frame: { device: 'battery-1', time: TIME, values },
    body,
    seq: 255,
    sentAt: SENT,
    historical,
    aliasOf: (metric) => 300 + names.indexOf(metric),
  });

const encoded: Record<string, () => Uint8Array> = {
  frameBody: () => encodeFrameBody(body),
  frame: () => frame(false),
  historicalFrame: () => frame(true),
  deviceBirth: () =>
    encodeDeviceBirth({
      seq: 1,
      sentAt: SENT,
      metrics: values.map(({ metric, value, quality, origin }, at) => ({
        name: metric,
        alias: 300 + at,
        value: at === 4 ? null : value,
        time: TIME,
        quality,
        origin,
      })),
    }),
  nodeBirth: () => encodeNodeBirth({ bdSeq: 7, sentAt: SENT, software: 'loadstone-edge 0.1.0' }),
  nodeBirthWithReads: () =>
    encodeNodeBirth({
      bdSeq: 7,
      sentAt: SENT,
      software: 'loadstone-edge 0.1.0',
      reads: { ...THIS_READS, heartbeatNonce: '0123456789abcdef0123456789abcdef', keyGeneration: 2 },
    }),
  nodeBirthWithWeather: () =>
    encodeNodeBirth({
      bdSeq: 7,
      sentAt: SENT,
      software: 'loadstone-edge 0.1.0',
      reads: { ...THIS_READS, keyGeneration: 2, weatherAt: 1_632_528_000_000 },
    }),
  nodeDeath: () => encodeNodeDeath(7, SENT),
  deviceDeath: () => encodeDeviceDeath(9, SENT),
  rebirthCommand: () => encodeRebirthCommand(SENT),
  command: () =>
    encodeCommand(SENT, [
      { name: 'setpoint', alias: undefined, datatype: datatypes.double, inLong: false, value: -12.5 },
      { name: 'limit', alias: 12, datatype: datatypes.float, inLong: false, value: 0.5 },
      { name: 'step', alias: 13, datatype: datatypes.int32, inLong: false, value: -3 },
      { name: 'count', alias: 14, datatype: datatypes.uint32, inLong: true, value: 4 },
    ]),
};

for (const [name, encode] of Object.entries(encoded)) {
  test(`${name}: bytes match the golden ones`, () => {
    assert.equal(Buffer.from(encode()).toString('hex'), golden[name]);
  });
}

test('every golden payload has a test', () => {
  assert.deepEqual(Object.keys(golden).sort(), Object.keys(encoded).sort());
});

const bytesOf = (name: string): Uint8Array => new Uint8Array(Buffer.from(golden[name]!, 'hex'));

test('frame body: the golden bytes decode as intended', () => {
  assert.deepEqual(decodeFrameBody(bytesOf('frameBody')), body);
});

test('frame: values, qualities, origins and times decode as intended', () => {
  for (const [name, historical] of [
    ['frame', false],
    ['historicalFrame', true],
  ] as const) {
    const read = unwrap(decodePayload(bytesOf(name)));
    assert.deepEqual([read.sentAt, read.seq, read.body], [SENT, 255, body]);
    assert.deepEqual(
      read.metrics.map(({ alias, value, quality, origin }) => ({
        metric: names[(alias ?? 0) - 300],
        value,
        quality,
        origin,
      })),
      values,
    );
    for (const metric of read.metrics) assert.deepEqual([metric.time, metric.historical], [TIME, historical]);
  }
});

test('device birth: names, aliases and unknowns decode as intended', () => {
  const read = unwrap(decodePayload(bytesOf('deviceBirth')));
  assert.deepEqual(
    read.metrics.map(({ name, alias, value, isNull, quality, origin }) => ({
      name,
      alias,
      value,
      isNull,
      quality,
      origin,
    })),
    values.map(({ metric, value, quality, origin }, at) => ({
      name: metric,
      alias: 300 + at,
      value: at === 4 ? null : value,
      isNull: at === 4,
      quality,
      origin,
    })),
  );
});
