/** Number of an edge node's session, in its births and deaths (Sparkplug B 3.0, 6.4.19). */
export const BD_SEQ_METRIC = 'bdSeq';

/** Codes of the Sparkplug data types (Sparkplug B 3.0, 6.4.16). */
export const datatypes = {
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  uint8: 5,
  uint16: 6,
  uint32: 7,
  uint64: 8,
  float: 9,
  double: 10,
  boolean: 11,
  string: 12,
  dateTime: 13,
} as const;

/** The name of a type, for people. */
export const typeName = (datatype: number | undefined): string =>
  Object.entries(datatypes).find(([, code]) => code === datatype)?.[0] ?? `${datatype ?? 'unknown'}`;

interface Span {
  readonly min: number;
  readonly max: number;
}

/** Range of each integer type. Beyond 2^53 a JavaScript number is not exact, so larger values are never written. */
const wholes = new Map<number, Span>([
  [datatypes.int8, { min: -(2 ** 7), max: 2 ** 7 - 1 }],
  [datatypes.int16, { min: -(2 ** 15), max: 2 ** 15 - 1 }],
  [datatypes.int32, { min: -(2 ** 31), max: 2 ** 31 - 1 }],
  [datatypes.int64, { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }],
  [datatypes.uint8, { min: 0, max: 2 ** 8 - 1 }],
  [datatypes.uint16, { min: 0, max: 2 ** 16 - 1 }],
  [datatypes.uint32, { min: 0, max: 2 ** 32 - 1 }],
  [datatypes.uint64, { min: 0, max: Number.MAX_SAFE_INTEGER }],
]);

/** Whether the type holds a single number that can be measured or set. */
export const isNumberType = (datatype: number): boolean =>
  wholes.has(datatype) || datatype === datatypes.float || datatype === datatypes.double;

/** The value as the type can represent it, rounded for integer types; undefined if it does not fit. */
export function fitted(value: number, datatype: number, round = Math.round): number | undefined {
  if (datatype === datatypes.double) return Number.isFinite(value) ? value : undefined;
  if (datatype === datatypes.float) return Number.isFinite(Math.fround(value)) ? value : undefined;
  const span = wholes.get(datatype);
  const whole = round(value) || 0;
  return span === undefined || !Number.isFinite(value) || whole < span.min || whole > span.max ? undefined : whole;
}

const WORD = 2 ** 64;

/**
 * Interprets an integer by the type that the birth named, for data that names none. The 32-bit field was decoded as unsigned and the 64-bit
 * field as signed, because only that keeps small negative numbers exact.
 */
export function signedValue(value: number, datatype: number | undefined): number {
  switch (datatype) {
    case datatypes.int8:
    case datatypes.int16:
    case datatypes.int32:
      return value | 0;
    case datatypes.uint64:
    case datatypes.dateTime:
      return value < 0 ? value + WORD : value;
    default:
      return value;
  }
}
