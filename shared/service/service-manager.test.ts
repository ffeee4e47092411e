import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceManager } from './service-manager.ts';

test('a helper that cannot start is reported as a failure, and the watchdog caller sees no exception', () => {
  const failed: unknown[] = [];
  const manager = serviceManager({ NOTIFY_SOCKET: '/nowhere' }, (error) => failed.push(error));
  // Longer than the kernel allows for an argument. Starting a process fails the same way when memory is short.
  manager?.notify(`STATUS=${'x'.repeat(200_000)}`);
  assert.match(String(failed[0]), /E2BIG/);
});
