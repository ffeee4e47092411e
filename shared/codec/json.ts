import type { ErrorCode } from '../outcome/catalogue.ts';
import { bad, good, type Outcome } from '../outcome/outcome.ts';

export interface JsonLimits {
  /** Code of a text that is no JSON, is too long or deep, repeats a key or names `__proto__`. */
  readonly code: ErrorCode;
  /** Code of NaN, Infinity or a number beyond the doubles; `code` where absent. */
  readonly notFinite?: ErrorCode;
  readonly maxChars?: number;
  readonly maxDepth?: number;
}

/** JSON.parse for what comes from outside: bounded, no key twice in an object, no `__proto__`, finite numbers only. Never throws. */
export function parseJson(text: string, limits: JsonLimits): Outcome<unknown> {
  const { code, notFinite = code, maxChars = 1_000_000, maxDepth = 32 } = limits;
  if (text.length > maxChars) return bad(code, `JSON of ${text.length} characters; at most ${maxChars} are read`);
  const fault = scan(text, maxDepth);
  if (fault !== undefined) return bad(fault.notFinite ? notFinite : code, fault.detail);
  try {
    return good(JSON.parse(text));
  } catch (error) {
    return bad(code, error instanceof Error ? error.message : 'no JSON');
  }
}

interface ScanFault {
  readonly detail: string;
  readonly notFinite: boolean;
}

const TOKEN = /"[^"\\]*(?:\\[^][^"\\]*)*"|[{}[\],:]|-?(?:Infinity|NaN)|-?\d[\d.eE+-]*/g;

/** One pass over the tokens: what JSON.parse would let through. Its syntax is left to JSON.parse. */
function scan(text: string, maxDepth: number): ScanFault | undefined {
  /** Keys seen in each open object; null for an array. */
  const open: (Set<string> | null)[] = [];
  let previous = '';
  for (const [token] of text.matchAll(TOKEN)) {
    const keys = open.at(-1);
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null);
      if (open.length > maxDepth) return { detail: `JSON nested deeper than ${maxDepth}`, notFinite: false };
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token.startsWith('"')) {
      if (keys instanceof Set && (previous === '{' || previous === ',')) {
        const fault = keyFault(token, keys);
        if (fault !== undefined) return { detail: fault, notFinite: false };
      }
    } else if (token !== ',' && token !== ':' && !Number.isFinite(Number(token))) {
      return { detail: `${token.slice(0, 24)} is not a finite number`, notFinite: true };
    }
    previous = token;
  }
  return undefined;
}

function keyFault(token: string, keys: Set<string>): string | undefined {
  let key: unknown;
  try {
    key = JSON.parse(token);
  } catch {
    return 'a key that is no JSON string';
  }
  if (typeof key !== 'string' || key === '__proto__') return `the key ${token.slice(0, 40)} is not allowed`;
  if (keys.has(key)) return `the key ${token.slice(0, 40)} stands twice in one object`;
  keys.add(key);
  return undefined;
}
