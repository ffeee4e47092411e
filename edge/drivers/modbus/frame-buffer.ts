import { answerLength, CRC_OF_BYTE, type Decoded, type Framing, MAX_FRAME } from './framing.ts';

/** Several frames: what has been read is moved out of the way seldom. */
const ROOM = 8 * MAX_FRAME;
const REGISTER_BITS = 16;

/** What becomes of each bit of a checksum's register behind so many bytes of 0. */
const SHIFTS = new Uint16Array((MAX_FRAME + 1) * REGISTER_BITS);
for (let bit = 0; bit < REGISTER_BITS; bit++)
  for (let length = 0, register = 1 << bit; length <= MAX_FRAME; length++, register = shiftedByOne(register))
    SHIFTS[length * REGISTER_BITS + bit] = register;

/**
 * What has come over one connection and is not read yet. Its cost is in proportion to the bytes, however they are cut. On a serial line,
 * which has noise, each byte may begin an answer: the checksum of a stretch comes from the register at its beginning and at its end.
 */
export class FrameBuffer {
  readonly #framing: Framing;
  readonly #bytes = new Uint8Array(ROOM);
  /** The register of the checksum before each byte, and behind the last; where noise is skipped. */
  readonly #registers: Uint16Array | undefined;
  #from = 0;
  #to = 0;
  /** Before there are so many bytes, there is no frame. */
  #need = 1;

  constructor(framing: Framing) {
    this.#framing = framing;
    if (framing.silenceMs > 0) this.#registers = new Uint16Array(ROOM + 1);
  }

  clear(): void {
    this.#from = 0;
    this.#to = 0;
    this.#need = 1;
  }

  /** Takes what it has room for, at least one byte once `next` has said that it needs more. */
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

  /** The frame at the head of what has come; on a serial line the first one in it. */
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

  /** Whether an answer may begin here: it is not whole yet, or its checksum fits. */
  #begins(registers: Uint16Array): boolean {
    const have = this.#to - this.#from;
    if (have < 2) return true;
    const length = answerLength(this.#bytes[this.#from + 1]!, this.#bytes[this.#from + 2]);
    if (length === undefined) return false;
    if (have < length) return true;
    const [first, last] = [registers[this.#from]!, registers[this.#from + length]!];
    return (shifted(first ^ 0xffff, length) ^ last) === 0;
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
