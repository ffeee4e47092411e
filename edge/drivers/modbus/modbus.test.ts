import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { answerTo } from '../../../simulators/faces/modbus-unit.ts';
import { blocksOf, RegisterImage } from './blocks.ts';
import { rtuFraming, tcpFraming } from './framing.ts';
import { ModbusLine } from './line.ts';
import { readAnswer, readRequest, writeAnswer, writeRequest } from './pdu.ts';
import { decode, encode } from './registers.ts';
import { hex, MemoryDevice } from './testing/memory-device.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

test('frames match the examples of the Modbus specification, byte for byte', () => {
  const read = readRequest('holding', 107, 3);
  assert.equal(hex(read), '03006b0003');
  const answer = readAnswer(read, bytes('03 06 022b 0000 0064'));
  assert.deepEqual(answer.ok && [...answer.value], [555, 0, 100]);
  assert.equal(hex(readRequest('input', 8, 1)), '0400080001');
  assert.equal(hex(writeRequest(1, [3], true)), '0600010003');
  const write = writeRequest(1, [0x000a, 0x0102]);
  assert.equal(hex(write), '100001000204000a0102');
  assert.deepEqual(writeAnswer(write, bytes('10 0001 0002')), { ok: true, value: null });
  assert.equal(
    hex(tcpFraming.encode({ unit: 0xff, transaction: 0x1501, pdu: bytes('03 0004 0001') })),
    '150100000006ff0300040001',
  );
  assert.equal(hex(rtuFraming.encode({ unit: 1, transaction: 0, pdu: bytes('03 0000 000a') })), '01030000000ac5cd');
});

test('an exception names the register and its meaning', () => {
  const read = readRequest('holding', 40_000, 2);
  const refused = readAnswer(read, bytes('83 02'));
  assert.deepEqual(refused.ok ? '' : [refused.fault.code, refused.fault.detail], [
    'LS-DEVICE-002',
    'register 40000: exception 2, it has no such register',
  ]);
  for (const answer of ['03 04 0001', '03 02 0001', '04 04 0001 0002', '03 04 0001 0002 03', '']) {
    const outcome = readAnswer(read, bytes(answer));
    assert.equal(outcome.ok ? 'taken' : outcome.fault.code, 'LS-DEVICE-003', answer);
  }
  assert.equal(writeAnswer(writeRequest(1, [2]), bytes('10 0001 0002')).ok, false);
});

test('property: frames are decoded however they are split, and garbage is reported', () => {
  const frames = [
    { unit: 1, transaction: 7, pdu: bytes('03 02 abcd') },
    { unit: 9, transaction: 8, pdu: bytes('90 02') },
  ];
  for (const framing of [tcpFraming, rtuFraming]) {
    const stream = Uint8Array.from(frames.flatMap((frame) => [...framing.encode(frame)]));
    for (let cut = 0; cut <= stream.length; cut++) {
      const found: string[] = [];
      let rest: Uint8Array = new Uint8Array(0);
      for (const part of [stream.subarray(0, cut), stream.subarray(cut)]) {
        rest = Uint8Array.of(...rest, ...part);
        for (let next = framing.decode(rest); next.kind === 'frame'; next = framing.decode(rest)) {
          found.push(`${next.frame.unit} ${hex(next.frame.pdu)}`);
          rest = next.rest;
        }
      }
      assert.deepEqual(found, ['1 0302abcd', '9 9002'], `cut at ${cut}`);
    }
  }
  const broken: [typeof tcpFraming, string][] = [
    [tcpFraming, '0001 0001 0003 01 83 02'],
    [tcpFraming, '0001 0000 0001 01 83 02'],
    [tcpFraming, '0001 0000 0fff 01 83 02'],
    [rtuFraming, '01 83 02 0000'],
    [rtuFraming, '01 2b 02 0000'],
  ];
  for (const [framing, text] of broken) assert.equal(framing.decode(bytes(text)).kind, 'broken', text);
});

test('every register type is read and written in both word orders; values that do not fit are refused', () => {
  const rows: [type: Parameters<typeof decode>[0], value: number, words: number[]][] = [
    ['int16', -2, [0xfffe]],
    ['uint16', 65_534, [0xfffe]],
    ['int32', -2, [0xffff, 0xfffe]],
    ['uint32', 0x1234_5678, [0x1234, 0x5678]],
    ['float32', 1.5, [0x3fc0, 0]],
    ['int64', -2, [0xffff, 0xffff, 0xffff, 0xfffe]],
    ['uint64', 2 ** 40, [0, 0x100, 0, 0]],
    ['float64', -1.5, [0xbff8, 0, 0, 0]],
  ];
  for (const [type, value, words] of rows) {
    assert.deepEqual([decode(type, words), encode(type, value)], [value, words], type);
    assert.equal(decode(type, words.toReversed(), 'little'), value, type);
    assert.deepEqual(encode(type, value, 'little'), words.toReversed(), type);
  }
  for (const [type, value] of [
    ['int16', 32_768],
    ['uint16', -1],
    ['uint32', 2 ** 32],
    ['float32', Number.NaN],
  ] as const)
    assert.equal(encode(type, value), undefined, `${type} ${value}`);
});

test('neighbouring registers share a request, across allowed gaps and up to the request size', () => {
  const spans = [
    { table: 'holding', address: 10, count: 2 },
    { table: 'holding', address: 12, count: 1 },
    { table: 'input', address: 13, count: 1 },
    { table: 'holding', address: 15, count: 1 },
    { table: 'holding', address: 130, count: 2 },
  ] as const;
  const shown = (gap: number): string[] =>
    blocksOf(spans, gap).map(({ table, address, count }) => `${table} ${address}+${count}`);
  assert.deepEqual(shown(0), ['holding 10+3', 'holding 15+1', 'holding 130+2', 'input 13+1']);
  assert.deepEqual(shown(2), ['holding 10+6', 'holding 130+2', 'input 13+1']);
  assert.deepEqual(shown(200), ['holding 10+6', 'holding 130+2', 'input 13+1']);
  fc.assert(
    fc.property(
      fc.array(fc.record({ address: fc.integer({ min: 0, max: 400 }), count: fc.integer({ min: 1, max: 4 }) })),
      fc.nat(30),
      (list, gap) => {
        const wanted = list.map((each) => ({ ...each, table: 'holding' as const }));
        const blocks = blocksOf(wanted, gap);
        const image = new RegisterImage();
        for (const block of blocks)
          image.put(
            block,
            Array.from({ length: block.count }, (_, at) => block.address + at),
          );
        for (const span of wanted) assert.equal(image.get(span)?.[0], span.address);
        assert.ok(blocks.every(({ count }) => count <= 125));
      },
    ),
  );
});

const turnOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const question = { unit: 1, pdu: readRequest('holding', 5, 1), timeoutMs: 500 };

function bench() {
  const clock = new VirtualClock(0);
  const device = new MemoryDevice();
  device.put(5, 77);
  const line = new ModbusLine({
    address: { host: 'inverter', port: 502 },
    framing: tcpFraming,
    openWire: device.openWire,
    clock,
  });
  const ask = async (more = {}): Promise<string> => {
    const answer = await line.ask({ ...question, ...more });
    return answer.ok ? hex(answer.value) : `${answer.fault.code} ${answer.fault.detail}`;
  };
  return { clock, device, line, ask };
}

test('a line sends one request at a time, setpoints before polls', async () => {
  const { device, ask } = bench();
  const write = { pdu: writeRequest(5, [78]), first: true };
  const answers = await Promise.all([ask(), ask(), ask(write)]);
  assert.deepEqual(answers, ['0302004e', '0302004e', '1000050001']);
  assert.deepEqual(device.frames, [
    '> 00010000000901100005000102004e',
    '< 000100000006011000050001',
    '> 000200000006010300050001',
    '< 000200000005010302004e',
    '> 000300000006010300050001',
    '< 000300000005010302004e',
  ]);
});

test('on a line silence, a late answer, garbage or a cut fails only the current request', async () => {
  const { clock, device, ask } = bench();
  assert.equal(await ask(), '0302004d');
  device.mode = 'silent';
  const silent = ask();
  await clock.advance(500);
  assert.equal(await silent, 'LS-DEVICE-001 unit 1 did not answer within 500 ms');
  device.mode = 'answers';
  device.send(tcpFraming.encode({ unit: 1, transaction: 2, pdu: bytes('03 02 0bad') }));
  assert.equal(await ask(), '0302004d', 'the late answer is ignored');
  device.instead = () => bytes('ffff ffff ffff ffff ffff');
  assert.match(await ask(), /^LS-DEVICE-001 inverter:502: protocol 65535 is not Modbus/);
  assert.equal(await ask(), '0302004d');
  assert.equal(device.opened, 2, 'garbage closes the connection');
  device.mode = 'silent';
  const cut = ask();
  await Promise.resolve();
  device.hangUp();
  assert.match(await cut, /closed by the device/);
  const three = [1, 2, 3].map(() => ask());
  await turnOver();
  await clock.advance(2000);
  assert.match((await Promise.all(three)).join(), /(did not answer.*){3}/);
  device.mode = 'answers';
  assert.equal(await ask(), '0302004d');
  assert.equal(device.opened, 4, 'after three time-outs in a row it is reopened');
  device.mode = 'unreachable';
  device.hangUp();
  assert.match(await ask(), /connection refused/);
});

test('a device that answers as another unit than asked is named', async () => {
  const { clock, device, ask } = bench();
  await ask();
  device.instead = (answer) => answer.with(6, 255);
  const asked = ask();
  await turnOver();
  await clock.advance(500);
  assert.equal(
    await asked,
    'LS-DEVICE-001 unit 1 did not answer within 500 ms; unit 255 answered in its place, so give that as unitId',
  );
});

test('property: whatever a device sends, every request is answered and the line survives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), async (chunks) => {
      const { clock, device, ask } = bench();
      await ask();
      for (const chunk of chunks) {
        device.instead = () => chunk;
        const asked = ask();
        device.send(chunk);
        await clock.advance(500);
        await asked;
      }
      for (let tries = 0; tries < 3; tries++) await clock.advance(500);
      device.instead = undefined;
      const last = ask();
      await clock.advance(500);
      assert.match(await last, /^(0302004d|LS-DEVICE-001)/);
      assert.equal(await ask(), '0302004d');
    }),
  );
});

test('property: a unit answers any request within a frame', () => {
  const registers = { read: (address: number) => (address < 100 ? 1 : undefined), write: () => undefined };
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (request) => {
      const answer = answerTo(request, registers);
      assert.ok(answer.length >= 2 && answer.length <= 253);
      assert.equal(answer[0]! & 0x7f, request[0]! & 0x7f);
    }),
  );
});
