import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, duration, euro, guardText, kw, milliseconds, number, pu, withUnit, words } from './format.ts';

test('numbers have a true minus sign and thin spaces from five digits; unknown is a word', () => {
  assert.equal(number(-1234), '\u22121234');
  assert.equal(number(12345.6), '12\u202f346');
  assert.equal(number(-1234567.25, 2), '\u22121\u202f234\u202f567.25');
  assert.equal(number(-0.2), '0');
  assert.equal(number(null), 'unknown');
  assert.equal(number(Number.NaN), 'unknown');
  assert.equal(kw(3.25), '3.3');
  assert.equal(kw(0), '0');
  assert.equal(pu(1.04251), '1.043');
  assert.equal(withUnit(kw(null), 'kW'), 'unknown');
  assert.equal(withUnit(kw(512), 'kW'), '512\u00a0kW');
  assert.equal(euro(-12.5), '\u221212.50\u00a0EUR');
});

test('durations are shown in their two largest units', () => {
  const cases: [number | null, string][] = [
    [-5, '0 s'],
    [42_400, '42 s'],
    [180_000, '3 min'],
    [7_800_000, '2 h 10 min'],
    [3_600_000, '1 h'],
    [273_600_000, '3 d 4 h'],
    [null, 'unknown'],
  ];
  for (const [ms, text] of cases) assert.equal(duration(ms), text);
  assert.equal(milliseconds(1.44), '1.4 ms');
  assert.equal(milliseconds(1400), '1.4 s');
});

test('codes and units have labels', () => {
  assert.equal(words('cloud-plan'), 'cloud plan');
  assert.equal(bytes(1_400_000), '1.4 MB');
});

test('a guard names the element that it relieves only if known', () => {
  assert.equal(guardText({ reliefKw: 1234.4, element: 'owd-1-l7' }), 'relieves 1234 kW at owd-1-l7');
  assert.equal(guardText({ reliefKw: 40, element: null }), 'relieves 40 kW');
});
