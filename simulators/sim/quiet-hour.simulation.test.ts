import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quietHour } from './quiet-hour.ts';

test('a quiet gateway transfers at most half a megabyte per hour, both ways, with TLS', async () => {
  const { bytes, kinds } = await quietHour();
  assert.ok(bytes <= 500_000, `${bytes} bytes: ${JSON.stringify(kinds)}`);
});
