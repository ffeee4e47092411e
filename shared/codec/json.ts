import type { ErrorCode } from '../outcome/catalogue.ts';
import { messageOf } from '../outcome/message-of.ts';
import { bad, good, type Outcome } from '../outcome/outcome.ts';

export interface JsonLimits {
  /** Code for text that is no JSON, is too long or too deep, repeats a key or contains the key `__proto__`. */
  readonly code: ErrorCode;
  /** Code for NaN, Infinity or a number outside the range of a double. Defaults to `code`. */
  readonly notFinite?: ErrorCode;
  readonly maxChars?: number;
  readonly maxDepth?: number;
}

/** An object may have one key per this many characters of `maxChars`, because creating keys costs more than reading them. */
const CHARS_PER_KEY = 100;

/** JSON.parse for untrusted input: bounded, no duplicate keys, no `__proto__`, finite numbers only. Never throws. */
export function parseJson(text: string, limits: JsonLimits): Outcome<unknown> {
  const { code, notFinite = code, maxChars = 1_000_000, maxDepth = 32 } = limits;
  if (text.length > maxChars) return bad(code, `JSON of ${text.length} characters; the maximum is ${maxChars}`);
  const fault = scan(text, maxDepth, Math.floor(maxChars / CHARS_PER_KEY));
  if (fault !== undefined) return bad(fault.notFinite ? notFinite : code, fault.detail);
  try {
    return good(JSON.parse(text));
  } catch (error) {
    return bad(code, messageOf(error));
  }
}

interface ScanFault {
  readonly detail: string;
  readonly notFinite: boolean;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const BACKSLASH = 0x5c;
const [I, N] = [0x49, 0x4e];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Finds in one pass what JSON.parse would accept. JSON.parse checks the syntax. Each character is read once; a regular expression for
 * strings would restart at every quote of an unterminated string.
 */
function scan(text: string, maxDepth: number, maxKeys: number): ScanFault | undefined {
  /** Keys seen in each open object; null for an array. */
  const open: (Set<string> | null)[] = [];
  let keys: Set<string> | null = null;
  let beforeKey = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) {
      const end = endOfString(text, at);
      if (end === undefined) return undefined;
      const fault = beforeKey && keys !== null ? keyFault(text.slice(at, end), keys, maxKeys) : undefined;
      if (fault !== undefined) return { detail: fault, notFinite: false };
      at = end - 1;
    } else if (char === OPEN_OBJECT || char === OPEN_ARRAY) {
      keys = char === OPEN_OBJECT ? new Set() : null;
      open.push(keys);
      if (open.length > maxDepth) return { detail: `JSON nested deeper than ${maxDepth}`, notFinite: false };
    } else if (char === CLOSE_OBJECT || char === CLOSE_ARRAY) {
      open.pop();
      keys = open.at(-1) ?? null;
    } else if (isDigit(char)) {
      const end = endOfNumber(text, at);
      if (!Number.isFinite(Number(text.slice(at, end)))) return notFinite(text, at, end);
      at = end - 1;
    } else if (char === N && text.startsWith('NaN', at)) {
      return notFinite(text, at, at + 3);
    } else if (char === I && text.startsWith('Infinity', at)) {
      return notFinite(text, at, at + 8);
    }
    if (!isSpace(char)) beforeKey = char === OPEN_OBJECT || char === COMMA;
  }
  return undefined;
}

const isDigit = (char: number): boolean => char >= 0x30 && char <= 0x39;
const isSpace = (char: number): boolean => char === 0x20 || char === 0x0a || char === 0x0d || char === 0x09;

/** Index after the closing quote; undefined if the string is unterminated. */
function endOfString(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) return at + 1;
    if (char === BACKSLASH) at++;
  }
  return undefined;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && isOfNumber(text.charCodeAt(at))) at++;
  return at;
}

const isOfNumber = (char: number): boolean => isDigit(char) || '.eE+-'.includes(String.fromCharCode(char));

function notFinite(text: string, start: number, end: number): ScanFault {
  const from = text.charCodeAt(start - 1) === MINUS ? start - 1 : start;
  return { detail: `${text.slice(from, Math.min(end, from + 24))} is not a finite number`, notFinite: true };
}

function keyFault(token: string, keys: Set<string>, maxKeys: number): string | undefined {
  let key: unknown = token.slice(1, -1);
  try {
    if (token.includes('\\')) key = JSON.parse(token);
  } catch {
    return 'a key that is not a JSON string';
  }
  if (typeof key !== 'string' || key === '__proto__') return `the key ${token.slice(0, 40)} is not allowed`;
  if (keys.has(key)) return `the key ${token.slice(0, 40)} appears twice in one object`;
  if (keys.size >= maxKeys) return `an object has more than ${maxKeys} keys`;
  keys.add(key);
  return undefined;
}
