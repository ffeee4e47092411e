import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filled } from '../testing/filled.ts';
import { parseJson } from './json.ts';

const MOST_CPU_MS = 100;

/** An object with as many keys as fit into `size` characters. */
function keyed(size: number, key: (n: number) => string): string {
  const members: string[] = [];
  for (let n = 0, left = size - 2; ; n++) {
    const member = `"${key(n)}":1`;
    left -= member.length + 1;
    if (left < 0) return `{${members.join(',')}}`;
    members.push(member);
  }
}

const families: Readonly<Record<string, (size: number) => string>> = {
  'escaped quotes in a text that does not end': (size) => filled(String.raw`\"`, '"', '', size),
  'escaped quotes, and a backslash at the end': (size) => filled(String.raw`\"`, '"', '\\', size),
  'escaped backslashes in a text that does not end': (size) => filled('\\\\', '"', '', size),
  'a text that does not end': (size) => filled('a', '"', '', size),
  'half pairs of UTF-16': (size) => filled('\ud800', '"', '', size),
  'half escapes': (size) => filled(String.raw`\u`, '"', '', size),
  quotes: (size) => filled('"', '', '', size),
  backslashes: (size) => filled('\\', '', '', size),
  digits: (size) => filled('1', '', '', size),
  'digits after a zero': (size) => filled('0', '[0.', '1]', size),
  'points and digits': (size) => filled('1.', '', '', size),
  exponents: (size) => filled('1e', '', '', size),
  'numbers apart': (size) => filled('1 ', '', '', size),
  'numbers near zero': (size) => filled('2.2250738585072011e-308,', '[', '0]', size),
  'short numbers': (size) => filled('1,', '[', '1]', size),
  minuses: (size) => filled('-', '', '', size),
  'almost infinities': (size) => filled('-Infinit', '', '', size),
  'almost NaN': (size) => filled('Na', '', '', size),
  words: (size) => filled('null,', '[', 'null]', size),
  'empty texts': (size) => filled('"",', '[', '""]', size),
  'deep arrays': (size) => filled('[', '', '', size),
  'deep objects': (size) => filled('{"a":', '', '', size),
  'closed too often': (size) => filled(']', '', '', size),
  'empty arrays': (size) => filled('[],', '[', '0]', size),
  'small objects': (size) => filled('{"a":1},', '[', '0]', size),
  commas: (size) => filled(',', '', '', size),
  colons: (size) => filled(':', '', '', size),
  spaces: (size) => filled(' ', '', '', size),
  'many keys': (size) => keyed(size, (n) => `k${n}`),
  'many numbered keys': (size) => keyed(size, String),
  'keys that share their low bits': (size) => keyed(size, (n) => String((n * 131_072) % 4_294_967_295)),
  'many escaped keys': (size) => keyed(size, (n) => String.raw`\u006b${n}`),
  'two long keys': (size) => keyed(size, (n) => String(n).padStart(size / 2 - 10, 'k')),
};

/** CPU time of parsing in ms. The best of three runs, because the garbage collector and the compiler run concurrently. */
function cpuMs(text: string): number {
  const runs = [0, 0, 0].map(() => {
    const from = process.cpuUsage();
    parseJson(text, { code: 'LS-DOC-005' });
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1000;
  });
  return Math.min(...runs);
}

for (const [name, of] of Object.entries(families)) {
  test(`a million characters take less than ${MOST_CPU_MS} ms of CPU: ${name}`, () => {
    for (const size of [60_000, 1_000_000]) {
      const ms = cpuMs(of(size));
      assert.ok(ms < MOST_CPU_MS, `${ms.toFixed(0)} ms at ${size} characters`);
    }
  });
}
