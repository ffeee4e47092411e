import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runChild } from './child-lines.ts';

test('a long last line of a child that exits arrives whole', async () => {
  const lines: string[] = [];
  const end = await runChild({
    file: join(import.meta.dirname, 'testing', 'long-line.child.ts'),
    args: [],
    signal: new AbortController().signal,
    onLine: (line) => lines.push(line),
  });
  assert.match(end, /^exited with 0/);
  assert.deepEqual(
    lines.map(({ length }) => length),
    [4_000_002],
  );
});
