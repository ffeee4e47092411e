import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { ModbusServer } from '../../../simulators/faces/modbus-server.ts';
import { SunspecRegisters } from '../../../simulators/faces/sunspec-registers.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { tcpFraming } from './framing.ts';
import { ModbusLine } from './line.ts';
import { readAnswer, readRequest } from './pdu.ts';
import { openFieldWire } from './serial-wire.ts';

const clock = new SystemClock((error) => {
  throw error;
});

function meter(): SunspecRegisters {
  const registers = new SunspecRegisters([1, 213], [], () => undefined);
  registers.text('1.Mn', 'Janitza');
  registers.text('1.SN', '4711');
  registers.set('213.W', 412_500);
  return registers;
}

const lineTo = (port: number): ModbusLine =>
  new ModbusLine({ address: { host: '127.0.0.1', port }, framing: tcpFraming, openWire: openFieldWire, clock });

const question = { unit: 3, pdu: readRequest('holding', 40_000, 2), timeoutMs: 10_000 };

test('over TCP values are read despite a missing unit and a server that goes away and returns', async () => {
  const first = new ModbusServer(new Map([[3, meter()]]));
  const port = await first.start(0);
  const line = lineTo(port);
  const read = async (unit = 3): Promise<string> => {
    const answer = await line.ask({ ...question, unit });
    const words = answer.ok ? readAnswer(question.pdu, answer.value) : answer;
    return words.ok ? [...words.value].join() : words.fault.detail;
  };
  assert.equal(await read(), [0x5375, 0x6e53].join());
  assert.match(await read(4), /exception 11, it does not answer the Modbus gateway/);
  await first.stop();
  assert.match(
    await read(),
    /127\.0\.0\.1:\d+: (closed by the device|connect ECONNREFUSED|read ECONNRESET|write EPIPE)/,
  );
  const second = new ModbusServer(new Map([[3, meter()]]));
  await second.start(port);
  let answer = await read();
  for (let tries = 0; answer.includes('127.0.0.1') && tries < 5; tries++) answer = await read();
  assert.equal(answer, [0x5375, 0x6e53].join());
  line.close();
  await second.stop();
});

test('over TCP a peer with another protocol is reported', async () => {
  const server = createServer((socket) => socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const line = lineTo((server.address() as AddressInfo).port);
  const answer = await line.ask(question);
  assert.match(answer.ok ? '' : answer.fault.detail, /is not Modbus/);
  line.close();
  server.close();
});

test('edge scan prints maker, models and configuration, or that nothing answers', async () => {
  const server = new ModbusServer(new Map([[3, meter()]]));
  const port = await server.start(0);
  const scan = async (...args: string[]): Promise<{ code: number; out: string }> => {
    const child = spawn(process.execPath, [
      join(import.meta.dirname, '../../../deploy/loadstone.mjs'),
      'edge',
      'scan',
      ...args,
    ]);
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, out };
  };
  const found = await scan('127.0.0.1', '--port', String(port), '--unit', '1-3');
  assert.equal(found.code, 0, found.out);
  assert.match(found.out, /# 127\.0\.0\.1:\d+ unit 3: Janitza, serial number 4711/);
  assert.match(found.out, /# models: 1 common; 213 meter, three phases, star, floating point/);
  assert.match(found.out, /meter: \{ driver: sunspec, host: 127\.0\.0\.1, port: \d+, unitId: 3 \}/);
  const none = await scan('127.0.0.1', '--port', String(port), '--unit', '9');
  assert.deepEqual(
    [none.code, /LS-DEVICE-001: unit 9: register 40000: exception 11, it does not answer/.test(none.out)],
    [1, true],
    none.out,
  );
  const wrong = await scan('127.0.0.9-3');
  assert.deepEqual([wrong.code, /expected a range such as/.test(wrong.out)], [2, true], wrong.out);
  await server.stop();
});
