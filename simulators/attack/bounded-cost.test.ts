import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateRawSync } from 'node:zlib';
import { importMatpower } from '../../shared/grid/matpower.ts';
import { importPandapower } from '../../shared/grid/pandapower.ts';
import { importPowerGridModel } from '../../shared/grid/power-grid-model.ts';
import { importSimbench } from '../../shared/grid/simbench.ts';
import { MOST_REPORT_BYTES, ReportReader } from '../../shared/codec/packed-report.ts';
import { decodePayload } from '../../shared/codec/sparkplug.ts';
import { parseYaml } from '../../shared/config/parse-yaml.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { pemBlocks, pemOf } from '../../shared/pki/pem.ts';
import { Pkcs10CertificateRequest } from '../../shared/pki/x509.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { rtuFraming, serialFraming, tcpFraming, type Framing } from '../../edge/drivers/modbus/framing.ts';
import { ModbusLine } from '../../edge/drivers/modbus/line.ts';
import { readingOf } from '../../edge/drivers/ocpp/meter-values.ts';
import { ocpp16 } from '../../edge/drivers/ocpp/ocpp-16.ts';

/** JSON, CSV and ONNX have tests of their own beside their readers; what the broker and the API read is attacked by the suite. */
const MB = 1_000_000;

/** `text` again and again between `head` and `tail`, to `size` characters. */
const filled = (text: string, head = '', tail = '', size = MB): string =>
  head + text.repeat(Math.floor((size - head.length - tail.length) / text.length)) + tail;
const bytes = (...part: number[]): Buffer =>
  Buffer.alloc(Math.floor(MB / part.length) * part.length, Buffer.from(part));

function varint(value: number): number[] {
  const found: number[] = [];
  for (let left = value; found.length === 0 || left > 0; left = Math.floor(left / 128))
    found.push((left % 128) | (left > 127 ? 128 : 0));
  return found;
}
const message = (field: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
/** Messages within messages, to a megabyte. */
function nested(field: number): Buffer {
  const heads: Buffer[] = [];
  for (let length = 0; length < MB; length += heads.at(-1)!.length)
    heads.push(Buffer.from([...varint(field * 8 + 2), ...varint(length)]));
  return Buffer.concat(heads.toReversed());
}

/** A refusal with a code is what is meant; any other error would end whoever reads. */
function refused(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof LoadstoneError)) throw error;
  }
}

/** Milliseconds of this thread: collector and compiler run on others. */
function cpuMs(read: () => void): number {
  const from = process.threadCpuUsage();
  read();
  const { user, system } = process.threadCpuUsage(from);
  return (user + system) / 1000;
}

/**
 * Of CPU, for what comes over a line, from a gateway or a device that may have been taken over: what is linear needs a tenth of it, what
 * was quadratic took minutes. So a busy machine fails nothing, and no square passes.
 */
const LINE_MS = 2000;
/** For what somebody who has the machine brings as a file. */
const FILE_MS = 10_000;

function holds(title: string, most: number, families: Readonly<Record<string, () => void>>): void {
  test(`a megabyte: ${title} costs less than ${most} ms of CPU`, () => {
    const slow = Object.entries(families).flatMap(([name, read]) => {
      const ms = cpuMs(read);
      return ms > most ? [`${name}: ${ms.toFixed(0)} ms`] : [];
    });
    assert.deepEqual(slow, []);
  });
}

const decoded = (payload: Uint8Array) => () => void decodePayload(payload);
holds('a Sparkplug payload', LINE_MS, {
  'empty metrics': decoded(bytes(0x12, 0)),
  'metrics of an empty name': decoded(bytes(0x12, 2, 0x0a, 0)),
  'a sequence again and again': decoded(bytes(0x18, 1)),
  'long varints': decoded(bytes(0x18, ...Array.from({ length: 9 }, () => 0xff), 1)),
  'groups that do not end': decoded(bytes(0x7b)),
  'fields that nobody knows': decoded(bytes(0xf8, 7, 1)),
  'metrics in templates in metrics': decoded(nested(2)),
  'properties in properties': decoded(message(2, nested(9))),
  'keys of properties': decoded(message(2, message(9, bytes(0x0a, 0)))),
  'rows of a data set': decoded(message(2, message(17, bytes(0x22, 0)))),
  'types of a data set': decoded(message(2, message(17, bytes(0x18, 1)))),
  'metrics of a template': decoded(message(2, message(18, bytes(0x12, 0)))),
});

function unpacks(payload: Uint8Array, base?: Uint8Array): () => void {
  return () => {
    const reader = new ReportReader();
    if (base !== undefined) reader.read(base);
    const read = reader.read(payload);
    assert.ok(!read.ok || (read.value?.length ?? 0) <= MOST_REPORT_BYTES);
  };
}
const zeros = Buffer.alloc(200 * MB);
holds('a packed report', LINE_MS, {
  'a Brotli bomb': unpacks(Buffer.concat([Buffer.of(1), brotliCompressSync(zeros)])),
  'a Deflate bomb': unpacks(
    Buffer.concat([Buffer.of(2, 0, 0, 0, 0), deflateRawSync(zeros, { level: 1 })]),
    Buffer.concat([Buffer.of(1), brotliCompressSync(Buffer.alloc(0))]),
  ),
  noise: unpacks(Buffer.concat([Buffer.of(1), bytes(0x5b, 0xff)])),
});

/** A line that is asked once, and hears a megabyte in pieces. */
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
holds('Modbus', LINE_MS, {
  'frames that nobody asked for': hears(tcpFraming, bytes(0, 9, 0, 0, 0, 3, 7, 3, 0), 65_536),
  'frames in small pieces': hears(tcpFraming, bytes(0, 9, 0, 0, 0, 3, 7, 3, 0), 100),
  'frames in pieces of ten bytes': hears(tcpFraming, bytes(0, 9, 0, 0, 0, 3, 7, 3, 0), 10),
  'half a frame': hears(tcpFraming, bytes(0, 1, 0, 0, 0, 250, 1, 3), 65_536),
  'answers over a serial tunnel that do not fit': hears(rtuFraming, bytes(...LONG_ANSWER), 65_536),
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
const many = (count: number, each: object): object[] => Array.from({ length: count }, () => each);
const ABOUT = { now: 0, heartbeatS: 300, newSession: () => 1 };
/** The server takes no message of more than 64 kB: sixteen make a megabyte. */
const told = (payload: object) => () => {
  assert.ok(JSON.stringify(payload).length < 65_536);
  for (let each = 0; each < 16; each++) {
    const taken = ocpp16.take({ action: 'MeterValues', payload }, ABOUT);
    if (taken.ok) readingOf([sampledOf(1, filled('L', '', '', 60_000))], 230);
  }
};
const sampledOf = (value: number, phase: string) => ({ value, measurand: 'Voltage', phase });
holds('messages of OCPP', LINE_MS, {
  'meter values': told(meterValues(many(190, sampled), 5)),
  'empty meter values': told(meterValues([], 500)),
  'long numbers': told(meterValues(many(12, { ...sampled, value: '1'.repeat(5000) }))),
  'long phases': told(meterValues([{ ...sampled, phase: filled('L1-N', '', '', 60_000) }])),
});

const pem = (text: string) => () => void pemBlocks(text, 'CERTIFICATE');
holds('PEM', LINE_MS, {
  beginnings: pem(filled('-----BEGIN CERTIFICATE-----\n')),
  dashes: pem(filled('-')),
  'a block that does not end': pem(filled('a', '-----BEGIN CERTIFICATE-----')),
  'short blocks that do not end': pem(filled('-----BEGIN A-----aaaaaaaa')),
  labels: pem(filled('-----BEGIN A')),
});

/** The authority reads no longer request: sixty make a megabyte. */
const requested = (...part: number[]) => {
  const der = Buffer.alloc(11_000, Buffer.from(part));
  const text = pemOf('CERTIFICATE REQUEST', new Uint8Array(der).buffer);
  return () => {
    for (let each = 0; each < 60; each++)
      assert.throws(() => new Pkcs10CertificateRequest(pemBlocks(text, 'CERTIFICATE REQUEST')[0] ?? ''));
  };
};
holds('requests of certificates', LINE_MS, {
  'sequences that do not end': requested(0x30, 0x80),
  'sequences of a length': requested(0x30, 0x82, 0x2a, 0x00),
  'nothing but nulls': requested(0x05, 0x00),
  'empty sequences': requested(0x30, 0x00),
  'long lengths': requested(0x30, 0x84, 0xff, 0xff, 0xff, 0xff),
});

const grid = (read: () => unknown) => () => refused(read);
const matpower = (text: string, head = '', tail = '') => grid(() => importMatpower(filled(text, head, tail)));
const pandapower = (object: string) =>
  grid(() => importPandapower(`{"_module":"pandapower.auxiliary","_class":"pandapowerNet","_object":${object}}`));
const PGM = '{"version":"1.0","type":"input","is_batch":false,"attributes":{},"data":{"node":[';
const simbench = (text: string, head = '') =>
  grid(() => importSimbench(new Map([['Node.csv', filled(text, head)]]), 'x'));
holds('a file of a grid', FILE_MS, {
  'MATPOWER, brackets': matpower('('),
  'MATPOWER, brackets that close': grid(() => importMatpower(`x=${'('.repeat(MB / 2)}1${')'.repeat(MB / 2)}`)),
  'MATPOWER, signs': matpower('-', 'x=', '1'),
  'MATPOWER, sums': matpower('+1', 'x=1'),
  'MATPOWER, powers': matpower('^1', 'x=1'),
  'MATPOWER, spaces': matpower(' ', 'a'),
  'MATPOWER, slices': matpower(')', 'a('),
  'MATPOWER, statements': matpower('a=1;'),
  'MATPOWER, rows': matpower('1;', 'mpc.bus = [', '];'),
  'MATPOWER, columns': matpower('1 ', 'mpc.bus = [', '];'),
  'MATPOWER, branches': matpower('if a\n', 'a=0\n'),
  'MATPOWER, names': matpower('a,', '[', ']=idx_bus'),
  'MATPOWER, continued': matpower('...\n'),
  'pandapower, deep': pandapower(filled('{"bus":')),
  'pandapower, a text': pandapower(filled('\\"', '"', '"')),
  'power-grid-model, deep': grid(() => importPowerGridModel(filled('['))),
  'power-grid-model, one id': grid(() => importPowerGridModel(filled('{"id":1},', PGM, '{"id":1}]}}'))),
  'SimBench, empty rows': simbench('\n'),
  'SimBench, columns': simbench(';'),
  'SimBench, rows': simbench('a;b\n', 'id;voltLvl\n'),
});

/** Its reader takes 3 µs a character, so a tenth of a megabyte shows as much; what was quadratic in it took minutes. */
const YAML_SIZE = 100_000;
const yaml = (text: string, head = '', tail = '') =>
  grid(() => parseYaml(filled(text, head, tail, YAML_SIZE), 'a.yaml'));
holds('a tenth of it as YAML', FILE_MS, {
  keys: grid(() => parseYaml(Array.from({ length: 8000 }, (_, n) => `key${n + 100_000}: 1\n`).join(''), 'a.yaml')),
  aliases: yaml('*a,', 'a: &a 1\nb: [', '1]'),
  anchors: yaml('&a 1\n- ', '- ', '1'),
  'aliases of aliases': grid(() =>
    parseYaml(
      [
        'a: &a [x,x,x,x,x,x,x,x,x]',
        ...'bcdefghi'.split('').map((name, n) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[n]}`).join()}]`),
      ].join('\n'),
      'a.yaml',
    ),
  ),
  'deep lists': yaml('['),
  'deep maps': yaml('{a: '),
  'deep items': yaml('- '),
  'keys of keys': yaml('? '),
  quotes: yaml("'"),
  tags: yaml('!!a '),
  'empty lines': yaml('\n'),
  comments: yaml('#\n'),
  documents: yaml('---\n'),
  'a block': yaml(' a\n', '|\n'),
});
