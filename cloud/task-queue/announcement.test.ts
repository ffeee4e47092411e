import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announcementBytes, readAnnouncement } from './announcement.ts';

const node = { name: 'process 12 of job-1', version: '0.2.0', since: 1_800_000_000_000 };
const text = '{"name":"process 12 of job-1","version":"0.2.0","since":1800000000000}';

test('owners of every version read what a job node says of itself', () => {
  assert.equal(announcementBytes(node).toString(), text);
  assert.deepEqual(readAnnouncement(Buffer.from(text.replace('{', '{"threads":4,'))), node);
});

test('anything else is ignored', () => {
  const changes = [
    { name: 'process 12 of <b>' },
    { name: `process 12 of ${'x'.repeat(300)}` },
    { version: 'a\nb' },
    { since: 1.5 },
    { since: '1' },
    { name: null },
  ];
  for (const change of changes)
    assert.equal(readAnnouncement(Buffer.from(JSON.stringify({ ...node, ...change }))), undefined);
  for (const bytes of ['', 'null', '[]', '{'])
    assert.equal(readAnnouncement(Buffer.from(bytes)), undefined, `"${bytes}"`);
});
