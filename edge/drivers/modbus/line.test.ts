import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { rtuFraming, serialFraming } from './framing.ts';
import { ModbusLine } from './line.ts';
import { readRequest, writeRequest } from './pdu.ts';
import { hex } from './testing/memory-device.ts';
import type { WireHandlers } from './wire.ts';

const TIMEOUT_MS = 500;

/** A serial line on which the test plays the devices. */
function bench(framing = serialFraming(9600)) {
  const clock = new VirtualClock(0);
  const sent: string[] = [];
  let handlers: WireHandlers | undefined;
  const line = new ModbusLine({
    address: { serial: '/dev/ttyUSB0', baud: 9600, parity: 'even', stopBits: 1 },
    framing,
    openWire: (_address, given) => {
      handlers = given;
      queueMicrotask(() => given.onOpen());
      return { write: (bytes) => void sent.push(hex(bytes.subarray(0, 6))), close: () => undefined };
    },
    clock,
  });
  const told: string[] = [];
  const ask = async (unit: number, pdu: Uint8Array): Promise<void> => {
    const answer = await line.ask({ unit, pdu, timeoutMs: TIMEOUT_MS });
    told.push(answer.ok ? hex(answer.value) : answer.fault.detail);
  };
  const hear = (...bytes: number[]): void => handlers!.onBytes(Uint8Array.from(bytes));
  const frame = (unit: number, ...pdu: number[]): number[] => [
    ...rtuFraming.encode({ unit, transaction: 0, pdu: Uint8Array.from(pdu) }),
  ];
  const settled = (): Promise<void> => clock.advance(0).then(() => new Promise((next) => setImmediate(next)));
  return { clock, sent, told, ask, hear, frame, settled };
}

const first = readRequest('holding', 10, 1);
const second = readRequest('holding', 20, 1);

test('on a serial line a late answer is not taken for that of the next request', async () => {
  const { clock, sent, told, ask, hear, frame, settled } = bench();
  const asked = [ask(1, first), ask(1, second), ask(2, first)];
  await settled();
  await clock.advance(TIMEOUT_MS);
  await settled();
  assert.deepEqual(sent, ['0103000a0001', '0203000a0001'], 'another unit is asked at once');
  hear(...frame(2, 3, 2, 0, 2));
  await settled();
  await clock.advance(TIMEOUT_MS - 1);
  assert.equal(sent.length, 2, 'the silent unit is left alone');
  hear(...frame(1, 3, 2, 0, 0x11));
  await clock.advance(20);
  assert.equal(sent[2], '010300140001');
  hear(...frame(1, 3, 2, 0, 0x22));
  await Promise.all(asked);
  assert.deepEqual(told, ['unit 1 did not answer within 500 ms', '03020002', '03020022']);
});

test('on a serial line a late answer ends the wait, and its time is told', async () => {
  const { clock, sent, told, ask, hear, frame, settled } = bench();
  const asked = [ask(1, first), ask(1, second)];
  await settled();
  await clock.advance(TIMEOUT_MS + 100);
  hear(...frame(1, 3, 2, 0, 0x11));
  await clock.advance(20);
  assert.equal(sent[1], '010300140001');
  await clock.advance(TIMEOUT_MS);
  await Promise.all(asked);
  assert.equal(
    told[1],
    'unit 1 did not answer within 500 ms; an answer came after 600 ms, so raise timeoutMs above that',
  );
});

test('on a serial line only an answer of the right shape is taken, and merged frames are told apart', async () => {
  const { told, ask, hear, frame, settled } = bench();
  const write = writeRequest(10, [7]);
  const asked = ask(1, write);
  await settled();
  const late = [frame(1, 3, 2, 0, 0x11), frame(1, 16, 0, 20, 0, 1), frame(2, 16, 0, 10, 0, 1)].flat();
  hear(...late, ...frame(1, 16, 0, 10, 0, 1));
  await asked;
  assert.deepEqual(told, ['10000a0001']);
});

test('on a serial line noise that looks like the head of a long answer hides no answer', async () => {
  // For units 3, 4, 6, 16 and above 127 a byte of noise before the answer makes its unit a function code.
  for (const [unit, ...noise] of [
    [1, 1, 3, 250],
    [1, 7, 3, 255, 0],
    [3, 0],
    [4, 0],
    [200, 0],
  ] as const) {
    const { told, ask, hear, frame, settled } = bench();
    const asked = ask(unit, first);
    await settled();
    hear(...noise, ...frame(unit, 0x83, 2));
    await asked;
    assert.deepEqual(told, ['8302'], `unit ${unit} after ${noise.join()}`);
  }
});

test('behind a serial device server noise before an answer fails no request', async () => {
  const { told, ask, hear, frame, settled } = bench(rtuFraming);
  const asked = [ask(1, first), ask(2, second)];
  await settled();
  hear(0, 0xff, ...frame(1, 3, 2, 0, 0x11));
  await settled();
  hear(...frame(2, 3, 2, 0, 0x22));
  await Promise.all(asked);
  assert.deepEqual(told, ['03020011', '03020022']);
});

test('on a serial line the echo of an adapter is not an answer', async () => {
  const { told, ask, hear, frame, settled } = bench();
  const read = readRequest('holding', 40_000, 1);
  const asked = ask(1, read);
  await settled();
  hear(...frame(1, ...read), ...frame(1, 3, 2, 0, 9));
  await asked;
  assert.deepEqual(told, ['03020009']);
});

test('on a serial line a damaged answer is told apart from silence', async () => {
  const { clock, told, ask, hear, frame, settled } = bench();
  const asked = ask(1, first);
  await settled();
  const [unit, ...rest] = frame(1, 3, 2, 0, 0x11);
  hear(unit!, ...rest.map((byte, at) => (at === 2 ? byte ^ 0x40 : byte)));
  await clock.advance(TIMEOUT_MS);
  await asked;
  assert.match(told[0]!, /within 500 ms; 7 bytes came that are not its answer: check baud, parity, wiring/);
});
