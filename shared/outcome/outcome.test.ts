import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inFile, LoadstoneError, throwAll } from './outcome.ts';

const reading = (error: Error) => () =>
  inFile('net.m', () => {
    throw error;
  });

test('a fault of what stands in a file names the file, once; a bug of ours stays as it is', () => {
  assert.equal(
    inFile('net.m', () => 7),
    7,
  );
  const fault = reading(new LoadstoneError('LS-GRID-004', 'line 1: what is this', '/bus'));
  assert.throws(fault, { code: 'LS-GRID-004', message: 'net.m: line 1: what is this', pointer: '/bus' });
  const named = 'net.m: not JSON';
  assert.throws(reading(new LoadstoneError('LS-GRID-003', named)), { message: named });
  assert.throws(reading(new TypeError('x')), { name: 'TypeError', message: 'x' });
});

test('several failures are thrown together, each message once; one is thrown as it is', () => {
  const [one, other] = [new Error('one'), new LoadstoneError('LS-GRID-004', 'other')];
  throwAll([]);
  assert.throws(() => throwAll([one]), one);
  assert.throws(() => throwAll([one, other, new Error('one')]), { message: 'one; other', errors: [one, other] });
  const more = new LoadstoneError('LS-GRID-004', 'more');
  assert.throws(() => throwAll([other, more]), { code: 'LS-GRID-004', message: 'other; more' });
});
