import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inFile, LoadstoneError, throwAll } from './outcome.ts';

const reading = (error: Error) => () =>
  inFile('net.m', () => {
    throw error;
  });

test('a fault in a file names the file once; an internal error is unchanged', () => {
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

test('several failures are thrown as one, each message once; a single one is thrown unchanged', () => {
  const [one, other] = [new Error('one'), new LoadstoneError('LS-GRID-004', 'other')];
  throwAll([]);
  assert.throws(() => throwAll([one]), one);
  assert.throws(() => throwAll([one, other, new Error('one')]), { message: 'one; other', errors: [one, other] });
  const more = new LoadstoneError('LS-GRID-004', 'more');
  assert.throws(() => throwAll([other, more]), { code: 'LS-GRID-004', message: 'other; more' });
});
