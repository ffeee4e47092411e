export const NOTHING = new Uint8Array();

/** The single message of this number; empty if there is none. Throws RangeError if there is more than one. */
export function only(bytes: Uint8Array, number: number): Uint8Array {
  let found: Uint8Array | undefined;
  for (const field of fields(bytes)) {
    if (field.number !== number) continue;
    if (found !== undefined) throw new RangeError('more than one');
    found = field.bytes ?? NOTHING;
  }
  return found ?? NOTHING;
}

export interface Field {
  readonly number: number;
  readonly value: number;
  readonly bytes: Uint8Array | undefined;
}

/** A varint and the position after it. Throws RangeError if it is truncated. */
function varintAt(bytes: Uint8Array, from: number): readonly [value: number, next: number] {
  let value = 0;
  let factor = 1;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) throw new RangeError('cut');
    value += (byte & 127) * factor;
    if (byte < 128) return [value, from + i + 1];
    factor *= 128;
  }
  throw new RangeError('varint');
}

export function* varints(bytes: Uint8Array): Generator<number> {
  for (let at = 0; at < bytes.length;) {
    const [value, next] = varintAt(bytes, at);
    yield value;
    at = next;
  }
}

/**
 * The fields of one protobuf message, as the runtime's own reader sees them. That reader takes 32 bits of a tag and ignores the rest. A
 * longer tag could hide a field from this check, so it is refused. A fixed-width value in place of a message is skipped, as the runtime
 * does; no checked field has one. Throws RangeError if the message is truncated or not protobuf.
 */
export function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    const [value, next] = varintAt(bytes, at);
    at = next;
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag > MOST_TAG || tag < 8) throw new RangeError('tag');
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) {
      yield { number, value: varint(), bytes: undefined };
      continue;
    }
    const length = wire === 2 ? varint() : wire === 5 ? 4 : wire === 1 ? 8 : Number.NaN;
    if (!(at + length <= bytes.length)) throw new RangeError('length');
    if (wire === 2) yield { number, value: 0, bytes: bytes.subarray(at, at + length) };
    at += length;
  }
}

const MOST_TAG = 2 ** 32 - 1;
