import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logLevel } from './log-level.ts';

test('the flag overrides the environment; an unknown level is an error that lists the levels', () => {
  assert.equal(logLevel({}), 'info');
  assert.equal(logLevel({ LOADSTONE_LOG: 'debug' }), 'debug');
  assert.equal(logLevel({ LOADSTONE_LOG: 'debug' }, 'warn'), 'warn');
  assert.throws(() => logLevel({ LOADSTONE_LOG: 'debgu' }), {
    code: 'LS-CONFIG-002',
    message: 'LOADSTONE_LOG debgu: expected one of trace, debug, info, warn, error, fatal, silent; did you mean debug?',
  });
  assert.throws(() => logLevel({}, 'loud'), { message: /^--log-level loud: expected one of / });
});
