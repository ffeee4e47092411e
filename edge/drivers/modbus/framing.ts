/** A protocol data unit to or from a unit. */
export interface Frame {
  readonly unit: number;
  /** Number of its request; 0 in framings without numbers. */
  readonly transaction: number;
  readonly pdu: Uint8Array;
}

/** `need`: with fewer bytes there is no frame. */
export type Decoded =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly rest: Uint8Array }
  | { readonly kind: 'more'; readonly need: number }
  | { readonly kind: 'broken'; readonly why: string };

export interface Framing {
  /** Whether an answer names its request. */
  readonly numbered: boolean;
  /** Silence before each frame, ms; 0: none required. */
  readonly silenceMs: number;
  encode(frame: Frame): Uint8Array;
  /** Decodes the frame at the start of the received bytes. */
  decode(bytes: Uint8Array): Decoded;
}

const HEADER = 7;
/** Function code and 252 bytes. */
const MAX_PDU = 253;
/** The longest frame of both framings is that of TCP. */
export const MAX_FRAME = HEADER + MAX_PDU;

/** Modbus TCP: MBAP header of transaction, protocol 0, length, unit (Modbus Messaging on TCP/IP V1.0b, 3.1.3). */
export const tcpFraming: Framing = {
  numbered: true,
  silenceMs: 0,
  encode: ({ unit, transaction, pdu }) => {
    const bytes = new Uint8Array(HEADER + pdu.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, transaction);
    view.setUint16(4, pdu.length + 1);
    view.setUint8(6, unit);
    bytes.set(pdu, HEADER);
    return bytes;
  },
  decode: (bytes) => {
    if (bytes.length < HEADER) return { kind: 'more', need: HEADER };
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = view.getUint16(4);
    if (view.getUint16(2) !== 0) return { kind: 'broken', why: `protocol ${view.getUint16(2)} is not Modbus` };
    if (length < 2 || length > MAX_PDU + 1) return { kind: 'broken', why: `invalid length ${length}` };
    const end = HEADER - 1 + length;
    if (bytes.length < end) return { kind: 'more', need: end };
    const frame = { transaction: view.getUint16(0), unit: view.getUint8(6), pdu: bytes.slice(HEADER, end) };
    return { kind: 'frame', frame, rest: bytes.subarray(end) };
  },
};

/** Bits of a character on the line: start, eight data, parity or a second stop, stop. */
const CHARACTER_BITS = 11;
/** Above this speed the silence is fixed (Modbus over Serial Line V1.02, 2.5.1.1). */
const FIXED_ABOVE_BAUD = 19_200;
const FIXED_SILENCE_MS = 1.75;
/** How late the driver of a serial port, above all a USB adapter, may deliver bytes, ms. */
const SCHEDULING_MS = 2;

/** Unit, function code, and for an answer to a read the number of bytes that follow. */
const RTU_HEADER = 3;

/** RTU on a serial line: 3.5 characters of silence before each frame. */
export const serialFraming = (baud: number): Framing => ({
  ...rtuFraming,
  silenceMs: SCHEDULING_MS + (baud > FIXED_ABOVE_BAUD ? FIXED_SILENCE_MS : (3.5 * CHARACTER_BITS * 1000) / baud),
});

/**
 * Modbus RTU: unit, data and checksum (Modbus over Serial Line V1.02, 2.5.1). Decodes answers only; their length follows from the
 * function code.
 */
export const rtuFraming: Framing = {
  numbered: false,
  silenceMs: 0,
  encode: ({ unit, pdu }) => {
    const body = Uint8Array.of(unit, ...pdu);
    const sum = crc16(body);
    return Uint8Array.of(...body, sum & 0xff, sum >> 8);
  },
  decode: (bytes) => {
    if (bytes.length < RTU_HEADER) return { kind: 'more', need: RTU_HEADER };
    const length = answerLength(bytes[1]!, bytes[2]);
    if (length === undefined) return { kind: 'broken', why: `unexpected function ${bytes[1]}` };
    if (bytes.length < length) return { kind: 'more', need: length };
    const sum = crc16(bytes.subarray(0, length - 2));
    if (bytes[length - 2] !== (sum & 0xff) || bytes[length - 1] !== sum >> 8)
      return { kind: 'broken', why: 'wrong checksum' };
    const frame = { unit: bytes[0]!, transaction: 0, pdu: bytes.slice(1, length - 2) };
    return { kind: 'frame', frame, rest: bytes.subarray(length) };
  },
};

/**
 * Length of an answer with unit and checksum, from the function code and, for reads, the byte after it; undefined for a code that
 * is never requested.
 */
export function answerLength(code: number, count = 0): number | undefined {
  if (code >= 0x80) return 5;
  if (code === 3 || code === 4) return 5 + count;
  return code === 6 || code === 16 ? 8 : undefined;
}

export const CRC_OF_BYTE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >> 1 : (sum >> 1) ^ 0xa001;
  return sum;
});

/** CRC-16 of Modbus: polynomial 0xA001 reflected, initial value 0xFFFF. */
export function crc16(bytes: Uint8Array): number {
  let sum = 0xffff;
  for (const byte of bytes) sum = (sum >> 8) ^ CRC_OF_BYTE[(sum ^ byte) & 0xff]!;
  return sum;
}
