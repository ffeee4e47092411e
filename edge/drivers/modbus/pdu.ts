import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';

/** Holding registers are read and written, input registers only read. */
export type RegisterTable = 'holding' | 'input';

const READ_HOLDING = 0x03;
const READ_INPUT = 0x04;
const WRITE_SINGLE = 0x06;
const WRITE_MULTIPLE = 0x10;
const EXCEPTION = 0x80;
const ACKNOWLEDGE = 5;

/** Exceptions of a Modbus gateway whose unit did not answer. */
const UNANSWERED: ReadonlySet<number> = new Set([10, 11]);

const exceptions: Readonly<Record<number, string>> = {
  1: 'it does not support the function',
  2: 'it has no such register',
  3: 'it rejects the value or the number of registers',
  4: 'it failed',
  5: 'it needs more time',
  6: 'it is busy',
  8: 'its memory has a parity error',
  10: 'the Modbus gateway has no path to it',
  11: 'it does not answer the Modbus gateway',
};

export const readRequest = (table: RegisterTable, address: number, count: number): Uint8Array =>
  Uint8Array.of(table === 'input' ? READ_INPUT : READ_HOLDING, ...word(address), ...word(count));

/** Function 16, or function 6 for devices that know no other; then `words` has one element. */
export function writeRequest(address: number, words: readonly number[], single = false): Uint8Array {
  if (single) return Uint8Array.of(WRITE_SINGLE, ...word(address), ...word(words[0]!));
  return Uint8Array.of(
    WRITE_MULTIPLE,
    ...word(address),
    ...word(words.length),
    words.length * 2,
    ...words.flatMap((each) => word(each)),
  );
}

/** The registers of an answer to `request`; LS-DEVICE-002 for an exception, LS-DEVICE-001 for that of a gateway without its unit, LS-DEVICE-003 if it does not answer the request. */
export function readAnswer(request: Uint8Array, answer: Uint8Array): Outcome<Uint16Array> {
  const refused = refusal(request, answer);
  if (refused !== undefined) return refused;
  const count = (request[3]! << 8) | request[4]!;
  if (answer[0] !== request[0] || answer[1] !== count * 2 || answer.length !== 2 + count * 2)
    return bad('LS-DEVICE-003', `${answer.length} bytes do not answer a read of ${count} registers`);
  return good(Uint16Array.from({ length: count }, (_, at) => (answer[2 + 2 * at]! << 8) | answer[3 + 2 * at]!));
}

/** A write is answered by repeating its header, or by the exception for one that was accepted and takes longer. */
export function writeAnswer(request: Uint8Array, answer: Uint8Array): Outcome<null> {
  if (answer[0] === (request[0]! | EXCEPTION) && answer[1] === ACKNOWLEDGE) return good(null);
  const refused = refusal(request, answer);
  if (refused !== undefined) return refused;
  const same = answer.length === 5 && answer.every((byte, at) => byte === request[at]);
  return same ? good(null) : bad('LS-DEVICE-003', 'the answer does not match the write');
}

/** Whether an answer to `request` may begin with these bytes. */
export function mayAnswer(request: Uint8Array, start: Uint8Array): boolean {
  const [code] = start;
  if (code === undefined || code === (request[0]! | EXCEPTION)) return true;
  if (code === READ_HOLDING || code === READ_INPUT)
    return code === request[0] && (start.length < 2 || start[1] === request[4]! * 2);
  return start.subarray(0, 5).every((byte, at) => byte === request[at]);
}

function refusal(request: Uint8Array, answer: Uint8Array): ReturnType<typeof bad> | undefined {
  if (answer[0] !== (request[0]! | EXCEPTION)) return undefined;
  const code = answer[1] ?? 0;
  const address = (request[1]! << 8) | request[2]!;
  const kind = UNANSWERED.has(code) ? 'LS-DEVICE-001' : 'LS-DEVICE-002';
  return bad(kind, `register ${address}: exception ${code}, ${exceptions[code] ?? 'not a known one'}`);
}

const word = (value: number): [number, number] => [(value >> 8) & 0xff, value & 0xff];
