import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RIGHTS } from '../../access/roles.ts';
import { callersOf } from './caller-file.ts';

test('the token of the simulation has every right of every role', () => {
  const own = callersOf({ text: undefined, file: '', ownToken: 'own', requestsPerSecond: 1 })('own');
  for (const right of Object.values(RIGHTS).flat()) assert.ok(own?.scopes.includes(right), right);
});
