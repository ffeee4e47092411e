import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Summary } from '../prove/summary.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const folder = mkdtempSync(join(tmpdir(), 'loadstone-prove-'));
after(() => rmSync(folder, { recursive: true }));

interface Whole extends Summary {
  readonly tier: string;
  readonly confirmatory: boolean;
  readonly protocolSha256: string;
  readonly codeSha256: string;
  readonly runs: number;
  readonly replay: string;
}

const prove = (...args: string[]): { readonly status: number | null; readonly out: string; readonly err: string } => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'deploy/loadstone.mjs'), 'prove', ...args],
    { encoding: 'utf8' },
  );
  return { status, out: stdout, err: stderr };
};

const lastLine = (out: string): Whole => JSON.parse(out.trimEnd().split('\n').at(-1)!) as Whole;

test('prove runs a scenario file and ends with one line of JSON, the content of the figures beside the report', () => {
  const scenario = join(folder, 'storm.yaml');
  const report = join(folder, 'storm.html');
  writeFileSync(scenario, 'window: noon\nspikes: { count: [1, 1], minutes: [1, 2] }\n');
  const smallest = ['--tier', 'smoke', '--seeds', '1', '--arms', 'A,H', '--processes', '1', '--fresh'];
  const { status, out, err } = prove('--scenario', scenario, ...smallest, '--out', report, '--json');
  assert.equal(status, 0, err);
  assert.match(err, /2\/2 storm-[0-9a-f]{8} 1 H/);
  const whole = lastLine(out);
  assert.deepEqual(whole, JSON.parse(readFileSync(join(folder, 'storm.json'), 'utf8')));
  assert.deepEqual([whole.tier, whole.confirmatory, whole.runs], ['smoke', false, 2]);
  assert.match(`${whole.protocolSha256} ${whole.codeSha256}`, /^[0-9a-f]{64} [0-9a-f]{64}$/);
  assert.deepEqual(Object.keys(whole.arms), ['A', 'H']);
  for (const { outcomes } of Object.values(whole.arms)) {
    assert.deepEqual(Object.keys(outcomes['sharedOverKwh']!), ['mean', 'low', 'high', 'n']);
    assert.equal(outcomes['sharedOverKwh']!.n, 1);
  }
  assert.deepEqual(whole.lost, []);
  assert.ok(whole.statements.every(({ verdict }) => verdict === 'not tested'));
  assert.ok(whole.targets.every(({ verdict }) => verdict === 'not tested'));
  assert.equal(whole.replay, `npx loadstone prove --tier smoke --scenario ${scenario}`);
  const page = readFileSync(report, 'utf8');
  assert.match(page, /Where the hybrid lost/);
  assert.doesNotMatch(page, /https?:|src=|@import|url\(/);
});

test('prove --tier quick runs the scenarios and seeds of the protocol', () => {
  const report = join(folder, 'quick.html');
  const one = ['--seeds', '1', '--arms', 'A', '--processes', '1'];
  const { status, out, err } = prove('--tier', 'quick', ...one, '--out', report, '--json');
  assert.equal(status, 0, err);
  assert.match(err, /1\/1 ordinary 1 A/);
  const whole = lastLine(out);
  assert.deepEqual([whole.tier, whole.runs, whole.replay], ['quick', 1, 'npx loadstone prove --tier quick']);
  assert.equal(whole.sentence, out.split('\n')[0]);
  assert.ok(existsSync(report));
});

test('prove names a scenario file that is missing or has an unknown key, and runs nothing', () => {
  const wrong = join(folder, 'wrong.yaml');
  writeFileSync(wrong, 'windw: noon\n');
  for (const [file, message] of [
    [join(folder, 'none.yaml'), /LS-CONFIG-002.*--scenario: .*none\.yaml cannot be read/],
    [wrong, /windw/],
  ] as const) {
    const { status, out, err } = prove('--tier', 'smoke', '--seeds', '1', '--arms', 'A', '--scenario', file);
    assert.notEqual(status, 0);
    assert.equal(out, '');
    assert.match(err, message);
  }
});
