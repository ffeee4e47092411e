import { answerLength, CRC_OF_BYTE, type Decoded, type Frame, type Framing, MAX_FRAME } from './framing.ts';
import { mayAnswer } from './pdu.ts';

/** Room for several frames, so that read bytes are moved rarely. */
const ROOM = 8 * MAX_FRAME;
const REGISTER_BITS = 16;

/** Effect of each bit of a checksum register after this many zero bytes. */
const SHIFTS = new Uint16Array((MAX_FRAME + 1) * REGISTER_BITS);
for (let bit = 0; bit < REGISTER_BITS; bit++)
  for (let length = 0, register = 1 << bit; length <= MAX_FRAME; length++, register = shiftedByOne(register))
    SHIFTS[length * REGISTER_BITS + bit] = register;

/**
 * Bytes received over one connection and not consumed yet. The cost is proportional to the bytes, however they are split. A serial
 * line has noise, also behind a device server, so an RTU answer may begin at any byte: the checksum of a stretch is computed from the
 * registers at its beginning and end.
 */
export class FrameBuffer {
  readonly #framing: Framing;
  readonly #bytes = new Uint8Array(ROOM);
  /** Checksum register before each byte and after the last; only where noise is skipped. */
  readonly #registers: Uint16Array | undefined;
  #from = 0;
  #to = 0;
  /** With fewer bytes than this there is no frame. */
  #need = 1;
  #request: Pick<Frame, 'unit' | 'pdu'> | undefined;

  constructor(framing: Framing) {
    this.#framing = framing;
    if (!framing.numbered) this.#registers = new Uint16Array(ROOM + 1);
  }

  /** Forgets all bytes. With a request, everything but its answer is noise where noise is skipped. */
  clear(request?: Pick<Frame, 'unit' | 'pdu'>): void {
    this.#from = 0;
    this.#to = 0;
    this.#need = 1;
    this.#request = request;
  }

  /** Takes as many bytes as fit, at least one after `next` returned `more`. Returns how many. */
  take(bytes: Uint8Array): number {
    if (this.#to === ROOM) this.#moveUp();
    const taken = Math.min(ROOM - this.#to, bytes.length);
    this.#bytes.set(taken < bytes.length ? bytes.subarray(0, taken) : bytes, this.#to);
    const registers = this.#registers;
    if (registers !== undefined) {
      let register = registers[this.#to]!;
      for (let at = this.#to; at < this.#to + taken; at++)
        registers[at + 1] = register = shiftedByOne(register ^ this.#bytes[at]!);
    }
    this.#to += taken;
    return taken;
  }

  /** The frame at the start of the received bytes; on a serial line the first one among them. */
  next(): Decoded {
    for (;;) {
      if (this.#to - this.#from < this.#need) return { kind: 'more', need: this.#need };
      if (this.#registers !== undefined && !this.#begins(this.#registers)) {
        this.#from++;
        this.#need = 1;
        continue;
      }
      const decoded = this.#framing.decode(this.#bytes.subarray(this.#from, this.#to));
      this.#need = decoded.kind === 'more' ? decoded.need : 1;
      if (decoded.kind === 'frame') this.#from = this.#to - decoded.rest.length;
      if (decoded.kind !== 'more') return decoded;
    }
  }

  /** Whether an answer may begin here: it is incomplete, or its checksum fits. */
  #begins(registers: Uint16Array): boolean {
    const have = this.#to - this.#from;
    if (this.#request !== undefined && !this.#mayAnswer(this.#request)) return false;
    if (have < 2) return true;
    const length = answerLength(this.#bytes[this.#from + 1]!, this.#bytes[this.#from + 2]);
    if (length === undefined) return false;
    if (have < length) return true;
    const [first, last] = [registers[this.#from]!, registers[this.#from + length]!];
    return (shifted(first ^ 0xffff, length) ^ last) === 0;
  }

  #mayAnswer({ unit, pdu }: Pick<Frame, 'unit' | 'pdu'>): boolean {
    const from = this.#from;
    return this.#bytes[from] === unit && mayAnswer(pdu, this.#bytes.subarray(from + 1, Math.min(this.#to, from + 6)));
  }

  #moveUp(): void {
    this.#bytes.copyWithin(0, this.#from, this.#to);
    this.#registers?.copyWithin(0, this.#from, this.#to + 1);
    this.#to -= this.#from;
    this.#from = 0;
  }
}

function shiftedByOne(register: number): number {
  return (register >> 8) ^ CRC_OF_BYTE[register & 0xff]!;
}

function shifted(register: number, length: number): number {
  let sum = 0;
  for (let bit = 0; bit < REGISTER_BITS; bit++) if ((register >> bit) & 1) sum ^= SHIFTS[length * REGISTER_BITS + bit]!;
  return sum;
}
