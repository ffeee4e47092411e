import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { until } from '../../../shared/testing/until.ts';
import { answerTo } from '../../../simulators/faces/modbus-unit.ts';
import { SunspecRegisters } from '../../../simulators/faces/sunspec-registers.ts';
import { crc16, rtuFraming, serialFraming } from './framing.ts';
import { ModbusLine } from './line.ts';
import { readAnswer, readRequest } from './pdu.ts';
import { scanSunspec } from '../sunspec/scan.ts';
import { debianTool } from '../../../simulators/testing/debian.ts';
import { openFieldWire, sttyArguments } from './serial-wire.ts';

const clock = new SystemClock((error) => {
  throw error;
});
const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.machine.after(ms, resolve));

/** A serial cable, made of a pseudo-terminal, between the returned port and the answers of `onRequest`. */
async function cable(t: TestContext, onRequest: (frame: Uint8Array, send: (bytes: Uint8Array) => void) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-serial-'));
  const [port, far] = [join(folder, 'port'), join(folder, 'far')];
  const { path, env } = debianTool('socat');
  const socat = spawn(path, [`PTY,link=${port},raw,echo=0`, `UNIX-LISTEN:${far}`], { env, stdio: 'ignore' });
  t.after(() => socat.kill());
  await until('the port is there', () => existsSync(port));
  const unit = await reached(far);
  t.after(() => unit.destroy());
  let buffer: Uint8Array = new Uint8Array(0);
  unit.on('data', (bytes: Buffer) => {
    buffer = Buffer.concat([buffer, bytes]);
    // Every request of the tests except a write of several registers has eight bytes.
    while (buffer.length >= 8) {
      const frame = buffer.subarray(0, 8);
      assert.equal(crc16(frame.subarray(0, 6)), frame[6]! | (frame[7]! << 8), 'the checksum of the request');
      buffer = buffer.slice(8);
      onRequest(frame, (answer) => void unit.write(answer));
    }
  });
  return { port, socat };
}

/** The socket file exists before anything listens on it. */
function reached(path: string): Promise<Socket> {
  return until('somebody listens', async () => {
    const socket = connect(path);
    await once(socket, 'connect');
    return socket;
  });
}

function meter(): SunspecRegisters {
  const registers = new SunspecRegisters([1, 213], [], () => undefined);
  registers.text('1.Mn', 'Janitza');
  registers.text('1.SN', '4711');
  registers.set('213.W', 412_500);
  return registers;
}

const answerOf = (frame: Uint8Array, registers: SunspecRegisters): Uint8Array =>
  rtuFraming.encode({ unit: frame[0]!, transaction: 0, pdu: answerTo(frame.subarray(1, 6), registers) });

const lineTo = (serial: string): ModbusLine =>
  new ModbusLine({
    // A pseudo-terminal of Linux has no parity, and stty rejects one.
    address: { serial, baud: 9600, parity: 'none', stopBits: 2 },
    framing: serialFraming(9600),
    openWire: openFieldWire,
    clock,
  });

test('over a serial port a meter is scanned despite noise, a late answer and a silent unit', async (t) => {
  const registers = meter();
  let trouble: 'none' | 'noise' | 'cut' = 'none';
  const asked: number[] = [];
  const { port } = await cable(t, (frame, send) => {
    asked.push(clock.machine.elapsed());
    if (frame[0] === 9) return;
    const answer = answerOf(frame, registers);
    if (trouble === 'noise') send(Uint8Array.of(0xff, 0x00, 0x7e, ...answer));
    else if (trouble === 'cut') {
      send(answer.subarray(0, 3));
      void wait(15).then(() => send(answer.subarray(3)));
    } else send(answer);
  });
  const line = lineTo(port);
  t.after(() => line.close());
  const read = async (unit: number, timeoutMs = 3000) => {
    const pdu = readRequest('holding', 40_000, 2);
    const answer = await line.ask({ unit, pdu, timeoutMs });
    return answer.ok ? readAnswer(pdu, answer.value) : answer;
  };
  const scanned = await scanSunspec(async ({ table, address, count }) => {
    const pdu = readRequest(table, address, count);
    const answer = await line.ask({ unit: 3, pdu, timeoutMs: 3000 });
    return answer.ok ? readAnswer(pdu, answer.value) : answer;
  });
  assert.ok(scanned.ok, scanned.ok ? '' : scanned.fault.detail);
  assert.deepEqual([scanned.value.maker, scanned.value.serial], ['Janitza', '4711']);
  for (const next of ['noise', 'cut'] as const) {
    trouble = next;
    const words = await read(3);
    assert.deepEqual(words.ok && [...words.value], [0x5375, 0x6e53], next);
  }
  trouble = 'none';
  const silent = await read(9, 100);
  assert.match(silent.ok ? '' : silent.fault.detail, /unit 9 did not answer within 100 ms/);
  const after = await read(3);
  assert.ok(after.ok);
  // 3.5 characters of silence at 9600 bit/s are 4 ms, so no request may follow an answer sooner.
  for (let at = 1; at < asked.length; at++)
    assert.ok(asked[at]! - asked[at - 1]! >= 4, `${asked[at]! - asked[at - 1]!} ms`);
});

test('a missing or unplugged serial port is reported, and reading resumes when it is back', async (t) => {
  const gone = lineTo('/dev/loadstone-no-such-port');
  const pdu = readRequest('holding', 40_000, 2);
  const none = await gone.ask({ unit: 1, pdu, timeoutMs: 3000 });
  assert.match(none.ok ? '' : none.fault.detail, /loadstone-no-such-port: .*No such file/);
  const { port, socat } = await cable(t, (frame, send) => send(answerOf(frame, meter())));
  const line = lineTo(port);
  t.after(() => line.close());
  assert.ok((await line.ask({ unit: 1, pdu, timeoutMs: 3000 })).ok);
  socat.kill();
  await wait(100);
  assert.equal((await line.ask({ unit: 1, pdu, timeoutMs: 300 })).ok, false);
});

test('a serial port that fails for lack of file handles is closed without ending the process', () => {
  const wire = new URL('./serial-wire.ts', import.meta.url).href;
  const program = `
    import { openSync } from 'node:fs';
    const { openFieldWire } = await import(${JSON.stringify(wire)});
    try { for (;;) openSync('/dev/null', 'r'); } catch {}
    const address = { serial: '/dev/null', baud: 9600, parity: 'even', stopBits: 1 };
    openFieldWire(address, { onOpen() {}, onBytes() {}, onClose: (why) => process.stdout.write(why) });
  `;
  const ended = spawnSync(
    'sh',
    [
      '-c',
      'ulimit -n 64; exec "$0" --disable-warning=ExperimentalWarning --input-type=module -e "$1"',
      process.execPath,
      program,
    ],
    { encoding: 'utf8' },
  );
  assert.deepEqual([ended.status, ended.stdout], [0, 'stty cannot be run: spawn stty EMFILE'], ended.stderr);
});

test('the serial port is set as configured', async (t) => {
  const { port } = await cable(t, () => undefined);
  assert.match(
    sttyArguments({ serial: '/dev/ttyUSB0', baud: 19_200, parity: 'even', stopBits: 1 }).join(' '),
    / parenb -parodd -cstopb /,
  );
  assert.match(
    sttyArguments({ serial: '/dev/ttyUSB0', baud: 19_200, parity: 'odd', stopBits: 1 }).join(' '),
    / parenb parodd -cstopb /,
  );
  const set = spawnSync('stty', sttyArguments({ serial: port, baud: 38_400, parity: 'none', stopBits: 2 }));
  assert.equal(set.status, 0, set.stderr.toString());
  const shown = spawnSync('stty', ['-F', port, '-a'], { encoding: 'utf8' }).stdout.replaceAll(/\s+/g, ' ');
  for (const words of [
    /speed 38400 baud/,
    / -parenb/,
    / cstopb/,
    / clocal/,
    / -crtscts/,
    / -icanon/,
    / -echo /,
    / -hupcl/,
  ])
    assert.match(shown, words);
});
