import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { confirms, readProtocol } from './protocol.ts';
import { reportPage } from './report-page.ts';
import { summarise } from './summary.ts';

const text = readFileSync(join(import.meta.dirname, '..', 'runs', 'prove', 'protocol.yaml'), 'utf8');
const { protocol } = readProtocol(text);

test('a run is confirmatory only with the tier, scenarios, seeds and arms of the protocol', () => {
  const whole = { tier: 'night' };
  assert.equal(confirms(protocol, whole), true);
  for (const chosen of [{ tier: 'quick' }, { scenario: 'own.yaml' }, { seeds: '1-52' }, { arms: 'C,F' }])
    assert.equal(confirms(protocol, { ...whole, ...chosen }), false, JSON.stringify(chosen));
});

test('a confirmatory report claims only what is checked', () => {
  const page = reportPage([], summarise([], protocol, true), {
    tier: 'night',
    isConfirmatory: true,
    protocolSha256: '',
    codeSha256: '',
    replay: '',
    missing: [],
    primary: [],
    lostLoad: [],
    courses: [],
  });
  assert.doesNotMatch(page, /neither protocol nor code has changed/);
  assert.match(page, /Confirmatory: .*this page does not check it/);
});

test('a protocol without the price at which runs are judged is refused', () => {
  assert.throws(() => readProtocol(text.replace('lostLoad: [1, 5, 10, 20]', 'lostLoad: [1, 5, 20]')), {
    code: 'LS-CONFIG-002',
    message: /prices\.lostLoad lacks 10/,
  });
});
