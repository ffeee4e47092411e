import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readProtocol, readRecorded, whyNotConfirmatory, writeRecorded, type Hashes } from './protocol.ts';
import { reportPage } from './report-page.ts';
import { summarise } from './summary.ts';

const text = readFileSync(join(import.meta.dirname, '..', 'runs', 'prove', 'protocol.yaml'), 'utf8');
const { protocol } = readProtocol(text);

const now = { protocolSha256: 'a', codeSha256: 'b' };

test('a run is confirmatory only with the tier, scenarios, seeds and arms of the protocol', () => {
  const hashes = { now, recorded: now };
  const whole = { tier: 'night' };
  assert.equal(whyNotConfirmatory(protocol, whole, hashes), undefined);
  for (const chosen of [{ tier: 'quick' }, { scenario: 'own.yaml' }, { seeds: '1-52' }, { arms: 'C,F' }])
    assert.match(whyNotConfirmatory(protocol, { ...whole, ...chosen }, hashes) ?? '', /differ from the protocol/);
});

test('a run is confirmatory only if protocol and code are as recorded beforehand', () => {
  const folder = mkdtempSync(join(tmpdir(), 'recorded-'));
  const file = join(folder, 'recorded.yaml');
  const why = (hashes: Hashes): string | undefined =>
    whyNotConfirmatory(protocol, { tier: 'night' }, { now: hashes, recorded: readRecorded(file) });
  try {
    assert.match(why(now) ?? '', /no hashes .* recorded beforehand/);
    writeRecorded(now, file);
    assert.equal(why(now), undefined);
    assert.match(why({ ...now, protocolSha256: 'c' }) ?? '', /the protocol has changed/);
    assert.match(why({ ...now, codeSha256: 'c' }) ?? '', /the code has changed/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a statement about an unknown scenario is refused', () => {
  assert.throws(() => readProtocol(text.replace('[cloud-out, bad-wan, all-at-once]', '[cloud-down]')), {
    code: 'LS-CONFIG-002',
    message: /the statement outages names an unknown scenario "cloud-down"; expected some of ordinary/,
  });
});

test('a confirmatory report claims only what is checked', () => {
  const page = reportPage([], summarise([], protocol, undefined), {
    tier: 'night',
    whyNot: undefined,
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
