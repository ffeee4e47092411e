import { answerTo, type Registers } from '../../../../simulators/faces/modbus-unit.ts';
import { tcpFraming } from '../framing.ts';
import type { OpenWire, WireHandlers } from '../wire.ts';

/** An in-memory device behind a wire: answers at once, not at all, or as a test wants. */
export class MemoryDevice implements Registers {
  readonly words = new Map<number, number>();
  /** Every write in order of arrival. */
  readonly written: { address: number; words: readonly number[] }[] = [];
  /** Frames on the wire, in hexadecimal. */
  readonly frames: string[] = [];
  opened = 0;
  mode: 'answers' | 'silent' | 'unreachable' = 'answers';
  readonly silentUnits = new Set<number>();
  /** Replaces the answer to the next request. */
  instead: ((answer: Uint8Array) => Uint8Array) | undefined;
  readonly #registers: Registers;
  #handlers: WireHandlers | undefined;

  /** Without given registers it keeps those that are written. */
  constructor(registers?: Registers) {
    this.#registers = registers ?? this;
  }

  readonly openWire: OpenWire = (_address, handlers) => {
    this.opened++;
    this.#handlers = handlers;
    const mine = handlers;
    queueMicrotask(() => (this.mode === 'unreachable' ? mine.onClose('connection refused') : mine.onOpen()));
    return {
      write: (bytes) => {
        this.frames.push(`> ${hex(bytes)}`);
        if (this.mode !== 'answers') return;
        const decoded = tcpFraming.decode(bytes);
        if (decoded.kind !== 'frame') throw new Error(`the driver sent no frame: ${hex(bytes)}`);
        if (this.silentUnits.has(decoded.frame.unit)) return;
        const answer = tcpFraming.encode({ ...decoded.frame, pdu: answerTo(decoded.frame.pdu, this.#registers) });
        const reply = this.instead?.(answer) ?? answer;
        this.instead = undefined;
        this.frames.push(`< ${hex(reply)}`);
        mine.onBytes(reply);
      },
      close: () => {
        if (this.#handlers === mine) this.#handlers = undefined;
      },
    };
  };

  put(address: number, ...words: number[]): void {
    for (const [at, word] of words.entries()) this.words.set(address + at, word);
  }

  /** Sends unsolicited bytes. */
  send(bytes: Uint8Array): void {
    this.#handlers?.onBytes(bytes);
  }

  hangUp(): void {
    this.#handlers?.onClose('closed by the device');
  }

  read(address: number): number | undefined {
    return this.words.get(address);
  }

  write(address: number, words: readonly number[]): 2 | undefined {
    if (words.some((_, at) => !this.words.has(address + at))) return 2;
    this.put(address, ...words);
    this.written.push({ address, words });
    return undefined;
  }
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
