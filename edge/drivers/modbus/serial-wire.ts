import { spawn, type ChildProcess } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import type { OpenWire, SerialAddress } from './wire.ts';
import { openTcpWire } from './tcp-wire.ts';
import { messageOf } from '../../../shared/outcome/message-of.ts';

/** Opens a TCP connection or a serial port, depending on the address. */
export const openFieldWire: OpenWire = (address, handlers) =>
  'serial' in address ? openSerialWire(address, handlers) : openTcpWire(address, handlers);

/**
 * A serial port with what every Linux has: `stty` sets speed and framing, and Node's own terminal streams read and write without a
 * blocking thread. So the packed gateway needs no native module.
 */
const openSerialWire = (address: SerialAddress, handlers: Parameters<OpenWire>[1]): ReturnType<OpenWire> => {
  let port: Port | undefined;
  let closed = false;
  const fail = (why: string): void => {
    if (closed) return;
    closed = true;
    port?.close();
    handlers.onClose(why);
  };
  const settings = startStty(address);
  if (settings instanceof Error) queueMicrotask(() => fail(`stty cannot be run: ${settings.message}`));
  if (settings instanceof Error) return { write: () => undefined, close: () => void (closed = true) };
  let words = '';
  settings.stderr?.setEncoding('utf8').on('data', (text: string) => (words += text));
  settings.on('error', (error) => fail(`stty cannot be run: ${error.message}`));
  settings.on('close', (code) => {
    if (closed) return;
    if (code !== 0) return fail(words.trim().split('\n')[0] ?? `stty ended with ${code}`);
    try {
      port = openPort(address.serial, { onBytes: (bytes) => !closed && handlers.onBytes(bytes), onEnd: fail });
    } catch (error) {
      return fail(messageOf(error));
    }
    handlers.onOpen();
  });
  return {
    write: (bytes) => port?.write(bytes),
    close: () => {
      closed = true;
      settings.kill();
      port?.close();
    },
  };
};

/** Without file handles spawn returns a child without streams that reports the error; without memory it throws. */
function startStty(address: SerialAddress): ChildProcess | Error {
  try {
    return spawn('stty', sttyArguments(address), { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Raw bytes, no modem lines, no flow control; closing leaves the port's settings as they are. */
export function sttyArguments({ serial, baud, parity, stopBits }: SerialAddress): string[] {
  const parities = { none: ['-parenb'], even: ['parenb', '-parodd'], odd: ['parenb', 'parodd'] } as const;
  const line = [
    'cs8',
    ...parities[parity],
    stopBits === 2 ? 'cstopb' : '-cstopb',
    'clocal',
    'cread',
    '-crtscts',
    '-hupcl',
  ];
  return ['-F', serial, 'raw', '-echo', '-echoe', '-echok', ...line, String(baud)];
}

interface Port {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Throws the system's error if the port cannot be opened. */
function openPort(path: string, on: { onBytes: (bytes: Uint8Array) => void; onEnd: (why: string) => void }): Port {
  const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
  const input = new ReadStream(openSync(path, flags));
  let output: WriteStream;
  try {
    output = new WriteStream(openSync(path, flags));
  } catch (error) {
    input.destroy();
    throw error;
  }
  input.on('data', (bytes: Buffer) => on.onBytes(bytes));
  input.on('end', () => on.onEnd('the port is gone'));
  for (const stream of [input, output]) stream.on('error', (error: Error) => on.onEnd(error.message));
  return {
    write: (bytes) => void output.write(bytes),
    close: () => {
      input.destroy();
      output.destroy();
    },
  };
}
