import assert from 'node:assert/strict';
import { test } from 'node:test';
import pino from 'pino';
import { readable } from './log-lines.ts';

test('a JSON log line becomes readable text; other lines stay unchanged', () => {
  const lines: string[] = [];
  const log = pino({ base: { gateway: 'owd-01' } }, { write: (line: string) => void lines.push(line.trim()) });
  log.info({ port: 18830 }, 'gateway runs');
  log.error({ err: new Error('disk is full') }, 'a task failed');
  assert.match(readable(lines[0]!), /^\d{4}-\d\d-\d\dT[\d:.]+Z info {2}gateway runs port=18830$/);
  assert.match(readable(lines[1]!), /Z error a task failed: disk is full$/);
  for (const other of ['Started loadstone-edge.service', '{"a":1}', '{"level":30,"time":1e300}', 'null'])
    assert.equal(typeof readable(other), 'string');
  assert.equal(readable('Started loadstone-edge.service'), 'Started loadstone-edge.service');
});
