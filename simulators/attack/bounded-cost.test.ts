import assert from 'node:assert/strict';
import { brotliCompressSync, deflateRawSync } from 'node:zlib';
import { fromColumns } from '../../shared/codec/columns.ts';
import { parseJson } from '../../shared/codec/json.ts';
import { MOST_REPORT_BYTES, ReportReader } from '../../shared/codec/packed-report.ts';
import { decodePayload } from '../../shared/codec/sparkplug.ts';
import { pemBlocks, pemOf } from '../../shared/pki/pem.ts';
import { Pkcs10CertificateRequest } from '../../shared/pki/x509.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { rtuFraming, serialFraming, tcpFraming, type Framing } from '../../edge/drivers/modbus/framing.ts';
import { ModbusLine } from '../../edge/drivers/modbus/line.ts';
import type { Dialect } from '../../edge/drivers/ocpp/dialect.ts';
import { readingOf } from '../../edge/drivers/ocpp/meter-values.ts';
import { ocpp16 } from '../../edge/drivers/ocpp/ocpp-16.ts';
import { ocpp201 } from '../../edge/drivers/ocpp/ocpp-201.ts';
import { OPTIONS, testBench } from '../../edge/drivers/sparkplug/testing/test-node.ts';
import { NodeTable } from '../../cloud/ingest/births.ts';
import { readEvents, readHealth, readRanges, readReport, readSessions } from '../../cloud/ingest/messages.ts';
import { filled } from '../../shared/testing/filled.ts';
import { again, bytes, holds, MB, message, varint } from './testing/cost.ts';

/**
 * Cost of input from a connection. JSON and ONNX have their own tests beside their readers; the suite attacks what the broker and the API
 * read.
 */

/** Nested messages, up to a megabyte. */
function nested(field: number): Buffer {
  const heads: Buffer[] = [];
  for (let length = 0; length < MB; length += heads.at(-1)!.length)
    heads.push(Buffer.from([...varint(field * 8 + 2), ...varint(length)]));
  return Buffer.concat(heads.toReversed());
}

/** One metric fewer than a payload may have. */
const many = (metric: Uint8Array): Buffer => Buffer.alloc(9_999 * metric.length, metric);
const decoded = (payload: Uint8Array) => () => void decodePayload(payload);
holds('a megabyte of Sparkplug payloads', {
  'empty metrics': decoded(bytes(0x12, 0)),
  'metrics with an empty name': decoded(bytes(0x12, 2, 0x0a, 0)),
  'a repeated sequence': decoded(bytes(0x18, 1)),
  'long varints': decoded(bytes(0x18, ...Array.from({ length: 9 }, () => 0xff), 1)),
  'unterminated groups': decoded(bytes(0x7b)),
  'unknown fields': decoded(bytes(0xf8, 7, 1)),
  'metrics in templates in metrics': decoded(nested(2)),
  'properties in properties': decoded(message(2, nested(9))),
  'keys of properties': decoded(message(2, message(9, bytes(0x0a, 0)))),
  'rows of a data set': decoded(message(2, message(17, bytes(0x22, 0)))),
  'types of a data set': decoded(message(2, message(17, bytes(0x18, 1)))),
  'metrics of a template': decoded(message(2, message(18, bytes(0x12, 0)))),
  'small payloads': again(message(2, Buffer.of(0x18, 1)), decodePayload),
  'as many metrics as allowed, empty': again(many(message(2, Buffer.of())), decodePayload),
  'as many metrics as allowed, with properties': again(
    many(message(2, message(9, Buffer.alloc(80, Buffer.of(0x0a, 0, 0x12, 0))))),
    decodePayload,
  ),
});

const START = Date.UTC(2026, 0, 1);
const birthOf = (names: readonly string[]): Buffer =>
  Buffer.concat(
    names.map((name, alias) => message(2, Buffer.of(...message(1, Buffer.from(name)), 0x10, ...varint(alias)))),
  );
const namesOf = (count: number, length: number): string[] =>
  Array.from({ length: count }, (_, at) => String(at).padStart(length, 'n'));
/** A birth at a site whose configuration names metrics that no birth has: a hundred chargers, with names of a given length. */
function born(names: readonly string[], length: number): () => void {
  const each = (which: string) => ({ metric: `${which}{n}`.padStart(length, 'c'), scale: 1 });
  const sessionList = {
    chargers: 100,
    connected: each('a'),
    maxKw: each('b'),
    energyDueKwh: each('d'),
    minKw: each('e'),
  };
  const read = { activePowerKw: { metric: 'f'.repeat(length), scale: 1 }, sessionList, staleAfterS: 60 };
  const { driver } = testBench(new VirtualClock(START), { ...OPTIONS, read });
  return again(birthOf(names), (payload) => {
    const birth = decodePayload(payload);
    assert.ok(birth.ok);
    driver.birth(birth.value);
  });
}
/** A birth processed by the cloud for one gateway. */
function registered(names: readonly string[]): () => void {
  const node = new NodeTable('owd-01');
  return again(birthOf(names), (payload) => {
    const birth = decodePayload(payload);
    assert.ok(birth.ok && node.deviceBirth('battery', birth.value));
  });
}
holds('a megabyte of births', {
  'unread names of 20 letters': born(namesOf(300, 20), 20),
  'unread names of 60 letters': born(namesOf(300, 60), 60),
  'unread names of 280 letters': born(namesOf(300, 280), 280),
  'thousands of names': born(namesOf(9_999, 20), 20),
  'one repeated name': born(namesOf(9_999, 1).fill('f'), 20),
  'by the cloud, a thousand names': registered(namesOf(1000, 8)),
  'by the cloud, one repeated name': registered(namesOf(1000, 1).fill('f')),
});

const texts: Readonly<Record<string, string>> = {
  'small objects': filled('{"a":1},', '[', '0]'),
  'deep lists': filled('['),
  'empty texts': filled('"",', '{"a":[', '""]}'),
  'lone UTF-16 surrogates': filled(String.raw`\ud800`, '{"a":"', '"}'),
  'blanks and hidden characters': filled(String.raw`\t\u200d`, '{"a":"', '"}'),
  devices: filled('{"id":"a"},', '{"version":1,"devices":[', '{}]}'),
  'missing ranges': filled(
    '{"run":1,"from":1,"to":2},',
    '{"version":1,"stream":"events","runs":[],"missing":[',
    '{}]}',
  ),
  events: filled('{"offset":1,"event":{}},', '{"version":1,"run":1,"items":[', '{"offset":1,"event":{}}]}'),
};
const readers = { readEvents, readHealth, readRanges, readReport, readSessions };
holds(
  'a megabyte of reports of a gateway',
  Object.fromEntries(
    Object.entries(readers).flatMap(([reader, read]) =>
      Object.entries(texts).map(([name, text]) => [`${reader}, ${name}`, () => void read(Buffer.from(text))] as const),
    ),
  ),
);

function unpacks(payload: Uint8Array, base?: Uint8Array): () => void {
  return () => {
    const reader = new ReportReader();
    if (base !== undefined) reader.read(base);
    const read = reader.read(payload);
    assert.ok(!read.ok || (read.value?.length ?? 0) <= MOST_REPORT_BYTES);
  };
}
const zeros = Buffer.alloc(200 * MB);
holds('a megabyte of packed report', {
  'a Brotli bomb': unpacks(Buffer.concat([Buffer.of(1), brotliCompressSync(zeros)])),
  'a Deflate bomb': unpacks(
    Buffer.concat([Buffer.of(2, 0, 0, 0, 0), deflateRawSync(zeros, { level: 1 })]),
    Buffer.concat([Buffer.of(1), brotliCompressSync(Buffer.alloc(0))]),
  ),
  noise: unpacks(Buffer.concat([Buffer.of(1), bytes(0x5b, 0xff)])),
});

function inColumns(text: string): () => void {
  return () => {
    const parsed = parseJson(text, { code: 'LS-DOC-005' });
    assert.ok(parsed.ok);
    fromColumns(parsed.value);
  };
}
holds('a megabyte of a document in columns', {
  numbers: inColumns(filled('A', '{"~":"0', '"}')),
  rows: inColumns(filled('A', '{"~":{"a":{"~":"0', '"}}}')),
  'columns within columns': inColumns(filled('A', `${'{"~":{"a":'.repeat(14)}{"~":"0`, `"}${'}}'.repeat(14)}`)),
  'many columns within columns': inColumns(
    filled(`${'{"~":{"a":'.repeat(14)}{"~":"0AAAAAAAA"}${'}}'.repeat(14)},`, '[', '0]'),
  ),
});

/** A line with one request that receives a megabyte in pieces. */
function hears(framing: Framing, noise: Uint8Array, piece: number): () => void {
  return () => {
    const clock = new VirtualClock(0);
    let onBytes: (bytes: Uint8Array) => void = () => undefined;
    const line = new ModbusLine({
      address: { host: 'device', port: 502 },
      framing,
      clock,
      openWire: (_, handlers) => {
        queueMicrotask(() => handlers.onOpen());
        onBytes = (heard) => handlers.onBytes(heard);
        return { write: () => undefined, close: () => undefined };
      },
    });
    void line.ask({ unit: 1, pdu: Uint8Array.of(3, 0, 0, 0, 1), timeoutMs: 1000 });
    for (let at = 0; at < noise.length; at += piece) onBytes(noise.subarray(at, at + piece));
    line.close();
  };
}
const serial = serialFraming(115_200);
const LONG_ANSWER = [1, 3, 250];
holds('a megabyte of Modbus', {
  'unsolicited frames': hears(tcpFraming, bytes(0, 9, 0, 0, 0, 3, 7, 3, 0), 65_536),
  'frames in small pieces': hears(tcpFraming, bytes(0, 9, 0, 0, 0, 3, 7, 3, 0), 100),
  'frames in pieces of ten bytes': hears(tcpFraming, bytes(0, 9, 0, 0, 0, 3, 7, 3, 0), 10),
  'half a frame': hears(tcpFraming, bytes(0, 1, 0, 0, 0, 250, 1, 3), 65_536),
  'mismatched answers over a serial tunnel': hears(rtuFraming, bytes(...LONG_ANSWER), 65_536),
  'noise on a serial line': hears(serial, bytes(0xff), 65_536),
  'beginnings of answers on a serial line': hears(serial, bytes(...LONG_ANSWER), 65_536),
  'the same in small pieces': hears(serial, bytes(...LONG_ANSWER), 100),
  'the same in pieces of ten bytes': hears(serial, bytes(...LONG_ANSWER), 10),
});

const sampled = { value: '1', measurand: 'Voltage', phase: 'L1' };
const meterValues = (sampledValue: readonly object[], values = 1) => ({
  connectorId: 1,
  meterValue: Array.from({ length: values }, () => ({ timestamp: '2026-01-01T00:00:00Z', sampledValue })),
});
const copies = (count: number, each: object): object[] => Array.from({ length: count }, () => each);
const ABOUT = { now: 0, heartbeatS: 300, newSession: () => 1 };
/** The server accepts no message of more than 64 kB. */
const receives = (dialect: Dialect, payload: object, action = 'MeterValues') => {
  const text = JSON.stringify(payload);
  assert.ok(text.length < 65_536);
  return again(text, () => void dialect.take({ action, payload: JSON.parse(text) }, ABOUT));
};
const value201 = { value: 1, measurand: 'Voltage', phase: 'L1' };
const event201 = (meterValue: readonly object[]) => ({
  eventType: 'Updated',
  transactionInfo: { transactionId: 'a' },
  evse: { id: 1 },
  meterValue,
});
const meters201 = (count: number, sampledValue: readonly object[]): object[] =>
  copies(count, { timestamp: '2026-01-01T00:00:00Z', sampledValue });
const sampledOf = (value: number, phase: string) => ({ value, measurand: 'Voltage', phase });
holds('a megabyte of OCPP', {
  'meter values': receives(ocpp16, meterValues(copies(190, sampled), 5)),
  'empty meter values': receives(ocpp16, meterValues([], 500)),
  'long numbers': receives(ocpp16, meterValues(copies(12, { ...sampled, value: '1'.repeat(5000) }))),
  'long phases': receives(ocpp16, meterValues([{ ...sampled, phase: filled('L1-N', '', '', 60_000) }])),
  'endless phases': again(filled('L', '', '', 60_000), (phase) => void readingOf([sampledOf(1, phase)], 230)),
  '2.0.1, meter values': receives(ocpp201, { evseId: 1, meterValue: meters201(5, copies(190, value201)) }),
  '2.0.1, empty meter values': receives(ocpp201, event201(meters201(499, [])), 'TransactionEvent'),
  '2.0.1, values of the wrong type': receives(
    ocpp201,
    event201(meters201(5, copies(190, { value: '1' }))),
    'TransactionEvent',
  ),
});

const pem = (text: string) => () => void pemBlocks(text, 'CERTIFICATE');
holds('a megabyte of PEM', {
  beginnings: pem(filled('-----BEGIN CERTIFICATE-----\n')),
  dashes: pem(filled('-')),
  'an unterminated block': pem(filled('a', '-----BEGIN CERTIFICATE-----')),
  'short unterminated blocks': pem(filled('-----BEGIN A-----aaaaaaaa')),
  labels: pem(filled('-----BEGIN A')),
});

/** The authority reads no longer request. Sixty make a megabyte. */
const requested = (...part: number[]) => {
  const der = Buffer.alloc(11_000, Buffer.from(part));
  const text = pemOf('CERTIFICATE REQUEST', new Uint8Array(der).buffer);
  return () => {
    for (let each = 0; each < 60; each++)
      assert.throws(() => new Pkcs10CertificateRequest(pemBlocks(text, 'CERTIFICATE REQUEST')[0] ?? ''));
  };
};
holds('a megabyte of certificate requests', {
  'unterminated sequences': requested(0x30, 0x80),
  'sequences of a length': requested(0x30, 0x82, 0x2a, 0x00),
  'only nulls': requested(0x05, 0x00),
  'empty sequences': requested(0x30, 0x00),
  'long lengths': requested(0x30, 0x84, 0xff, 0xff, 0xff, 0xff),
});
