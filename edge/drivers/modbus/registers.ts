import type { RegisterType } from './schema.ts';

/** Order of the words of a value; the bytes within a word are always big-endian. */
export type WordOrder = 'big' | 'little';

const words: Readonly<Record<RegisterType, number>> = {
  int16: 1,
  uint16: 1,
  int32: 2,
  uint32: 2,
  float32: 2,
  int64: 4,
  uint64: 4,
  float64: 4,
};

export const wordsOf = (type: RegisterType): number => words[type];

/** Decodes `values`, whose length is that of the type. */
export function decode(type: RegisterType, values: ArrayLike<number>, order: WordOrder = 'big'): number {
  const view = new DataView(new ArrayBuffer(8));
  const count = words[type];
  for (let at = 0; at < count; at++) view.setUint16(2 * at, values[order === 'big' ? at : count - 1 - at]!);
  switch (type) {
    case 'int16':
      return view.getInt16(0);
    case 'uint16':
      return view.getUint16(0);
    case 'int32':
      return view.getInt32(0);
    case 'uint32':
      return view.getUint32(0);
    case 'float32':
      return view.getFloat32(0);
    case 'int64':
      return Number(view.getBigInt64(0));
    case 'uint64':
      return Number(view.getBigUint64(0));
    case 'float64':
      return view.getFloat64(0);
  }
}

/** The words of a number, rounded for integer types; undefined if it does not fit. */
export function encode(type: RegisterType, value: number, order: WordOrder = 'big'): number[] | undefined {
  const view = new DataView(new ArrayBuffer(8));
  const span = spans[type];
  const whole = span === undefined ? value : Math.round(value);
  if (!Number.isFinite(whole) || (span !== undefined && (whole < span[0] || whole > span[1]))) return undefined;
  switch (type) {
    case 'int16':
    case 'uint16':
      view.setInt16(0, whole);
      break;
    case 'int32':
    case 'uint32':
      view.setInt32(0, whole);
      break;
    case 'float32':
      view.setFloat32(0, whole);
      break;
    case 'int64':
    case 'uint64':
      view.setBigInt64(0, BigInt(whole));
      break;
    case 'float64':
      view.setFloat64(0, whole);
      break;
  }
  const list = Array.from({ length: words[type] }, (_, at) => view.getUint16(2 * at));
  return order === 'big' ? list : list.reverse();
}

const spans: Readonly<Record<RegisterType, readonly [number, number] | undefined>> = {
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  float32: undefined,
  float64: undefined,
};
