import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { parseConfig } from './load.ts';
import { malformed, wellFormed } from './testing/malformed.ts';

test('the file from which the malformed ones are derived is valid', () => {
  assert.equal(parseConfig(wellFormed, 'gateway.yaml').devices.length, 1);
});

for (const { what, text, names, remedy } of malformed)
  test(`the error about a malformed file names line or key, and the remedy: ${what}`, () => {
    assert.throws(
      () => parseConfig(text, 'gateway.yaml'),
      (error) => {
        assert.ok(error instanceof LoadstoneError, String(error));
        assert.match(error.message, names);
        assert.match(error.message, remedy);
        return true;
      },
    );
  });
