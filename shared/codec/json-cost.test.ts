import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from './json.ts';

const MOST_CPU_MS = 100;

/** `text` repeated between `head` and `tail`, up to `size` characters. */
const filled = (size: number, text: string, head = '', tail = ''): string =>
  head + text.repeat(Math.floor((size - head.length - tail.length) / text.length)) + tail;

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
  'escaped quotes in a text that does not end': (size) => filled(size, String.raw`\"`, '"'),
  'escaped quotes, and a backslash at the end': (size) => filled(size, String.raw`\"`, '"', '\\'),
  'escaped backslashes in a text that does not end': (size) => filled(size, '\\\\', '"'),
  'a text that does not end': (size) => filled(size, 'a', '"'),
  'half pairs of UTF-16': (size) => filled(size, '\ud800', '"'),
  'half escapes': (size) => filled(size, String.raw`\u`, '"'),
  quotes: (size) => filled(size, '"'),
  backslashes: (size) => filled(size, '\\'),
  digits: (size) => filled(size, '1'),
  'digits after a zero': (size) => filled(size, '0', '[0.', '1]'),
  'points and digits': (size) => filled(size, '1.'),
  exponents: (size) => filled(size, '1e'),
  'numbers apart': (size) => filled(size, '1 '),
  'numbers near zero': (size) => filled(size, '2.2250738585072011e-308,', '[', '0]'),
  'short numbers': (size) => filled(size, '1,', '[', '1]'),
  minuses: (size) => filled(size, '-'),
  'almost infinities': (size) => filled(size, '-Infinit'),
  'almost NaN': (size) => filled(size, 'Na'),
  words: (size) => filled(size, 'null,', '[', 'null]'),
  'empty texts': (size) => filled(size, '"",', '[', '""]'),
  'deep arrays': (size) => filled(size, '['),
  'deep objects': (size) => filled(size, '{"a":'),
  'closed too often': (size) => filled(size, ']'),
  'empty arrays': (size) => filled(size, '[],', '[', '0]'),
  'small objects': (size) => filled(size, '{"a":1},', '[', '0]'),
  commas: (size) => filled(size, ','),
  colons: (size) => filled(size, ':'),
  spaces: (size) => filled(size, ' '),
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
