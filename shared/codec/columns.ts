/**
 * JSON in columns. A plan is mostly series with one number per step, and neighbouring numbers differ little. The result is still JSON, with
 * two special forms under the key `~`, which no document uses:
 * - `{"~":"<decimals><VLQ>..."}`: a list of numbers. One digit gives the number of decimals. Then follows each number's difference to the
 *   one before, in units of the last decimal, as base64 VLQ like in source maps (ECMA-426). `-` stands for null.
 * - `{"~":{"<key>":[...], ...}}`: a list of objects with the same keys in the same order, as one list per key.
 */
const KEY = '~';
const NULL = '-';
/** Columns do not shorten lists with fewer rows. */
const LEAST_ROWS = 3;
const MOST_DECIMALS = 9;
/** Below this, differences are exact. */
const MOST_UNITS = 2 ** 51;
/**
 * Most cells that one document may expand to: as many as 2 MB of plain JSON can hold. Without it, nested columns would multiply their rows.
 */
const MOST_CELLS = 350_000;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const valueOf = new Map(Array.from(DIGITS, (digit, value) => [digit, value]));

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Converts a JSON value to columns. Values that would not come back bit for bit stay as they are. */
export function toColumns(value: unknown): unknown {
  if (Array.isArray(value)) {
    const columns = value.length < LEAST_ROWS ? undefined : (numbers(value) ?? rows(value));
    return columns === undefined ? value.map(toColumns) : { [KEY]: columns };
  }
  return isObject(value) ? mapped(value, toColumns) : value;
}

/** Inverse of `toColumns`. Returns undefined if `value` is malformed. */
export function fromColumns(value: unknown): unknown {
  try {
    return restored(value, { cells: MOST_CELLS });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

const mapped = (value: Json, each: (value: unknown) => unknown): Json =>
  Object.fromEntries(Object.entries(value).map(([key, one]) => [key, each(one)]));

function numbers(list: readonly unknown[]): string | undefined {
  let decimals = 0;
  for (const value of list) {
    if (value === null) continue;
    if (typeof value !== 'number') return undefined;
    decimals = Math.max(decimals, (String(value).split('.')[1] ?? '').length);
  }
  if (decimals > MOST_DECIMALS) return undefined;
  const scale = 10 ** decimals;
  let text = String(decimals);
  let before = 0;
  for (const value of list as readonly (number | null)[]) {
    if (value === null) {
      text += NULL;
      continue;
    }
    const units = Math.round(value * scale);
    if (Math.abs(units) >= MOST_UNITS || units / scale !== value) return undefined;
    text += vlq(units - before);
    before = units;
  }
  return text;
}

function rows(list: readonly unknown[]): Json | undefined {
  if (!list.every(isObject)) return undefined;
  const keys = Object.keys(list[0]!);
  const named = JSON.stringify(keys);
  if (keys.length === 0 || !list.every((row) => JSON.stringify(Object.keys(row)) === named)) return undefined;
  return Object.fromEntries(keys.map((key) => [key, toColumns(list.map((row) => row[key]))]));
}

function vlq(difference: number): string {
  let rest = difference < 0 ? -2 * difference + 1 : 2 * difference;
  let text = '';
  do {
    const digit = rest % 32;
    rest = Math.floor(rest / 32);
    text += DIGITS[rest > 0 ? digit + 32 : digit];
  } while (rest > 0);
  return text;
}

/** `left` holds the number of cells that may still be created. */
function restored(value: unknown, left: { cells: number }): unknown {
  const each = (one: unknown): unknown => restored(one, left);
  if (Array.isArray(value)) return value.map(each);
  if (!isObject(value)) return value;
  const columns = value[KEY];
  if (columns === undefined) return mapped(value, each);
  if (typeof columns === 'string') return restoredNumbers(columns);
  if (!isObject(columns)) throw new TypeError('neither numbers nor rows');
  const lists = Object.entries(columns).map(([key, list]) => [key, each(list)] as const);
  const first = lists[0]?.[1];
  if (!Array.isArray(first)) throw new TypeError('a column is not a list');
  left.cells -= lists.length * first.length;
  if (left.cells < 0) throw new TypeError('too many rows');
  return first.map((_, row) =>
    Object.fromEntries(
      lists.map(([key, list]) => {
        if (!Array.isArray(list) || list.length !== first.length) throw new TypeError('columns differ in length');
        return [key, list[row] as unknown];
      }),
    ),
  );
}

function restoredNumbers(text: string): (number | null)[] {
  const decimals = Number(text[0]);
  if (!Number.isInteger(decimals)) throw new TypeError('not decimals');
  const scale = 10 ** decimals;
  const list: (number | null)[] = [];
  let units = 0;
  for (let at = 1; at < text.length; at++) {
    if (text[at] === NULL) {
      list.push(null);
      continue;
    }
    let sum = 0;
    for (let factor = 1; ; factor *= 32, at++) {
      const digit = valueOf.get(text[at] ?? '');
      if (digit === undefined || factor > MOST_UNITS) throw new TypeError('not a VLQ');
      sum += (digit % 32) * factor;
      if (digit < 32) break;
    }
    units += sum % 2 === 0 ? sum / 2 : (1 - sum) / 2;
    list.push(units / scale);
  }
  return list;
}
