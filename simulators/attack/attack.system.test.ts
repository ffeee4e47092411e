import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildRegion } from '../region/region.ts';
import { refused, succeeded, type Attack, type Group } from './attack.ts';
import { Certificates } from './certificates.ts';
import { runAttacks, summaryOf, type Summary } from './run.ts';
import { NotHere, Stage } from './stage.ts';
import { notRefusedIn, ran, Started } from './started.ts';
import { suite } from './suite.ts';

test('an own instance refuses every attack except those known to succeed', async () => {
  const { code, said } = await ran('attack', '--self', '--json');
  const summary = JSON.parse(said.trimEnd().split('\n').at(-1)!) as Summary;
  const attacks = suite.flatMap((group) => group.attacks);
  const known = attacks.filter(({ knownOpen }) => knownOpen !== undefined).map(({ id }) => id);
  assert.deepEqual(summary.open, known, notRefusedIn(said));
  const { length } = attacks;
  const counts = { groups: suite.length, attacks: length, refused: length - known.length, notRun: 0 };
  assert.deepEqual(summary, { ...counts, open: known });
  assert.equal(code, known.length === 0 ? 0 : 1);
});

test('an attack that succeeds or cannot be judged is open; one without a target is not run', async () => {
  const attack = (name: string, run: Attack['run']): Attack => ({
    id: `group/${name}`,
    title: name,
    requirements: [],
    expected: 'refused',
    run,
  });
  const group: Group = {
    id: 'group',
    title: 'group',
    asset: '',
    from: '',
    defence: '',
    attacks: [
      attack('refused', async () => refused('403')),
      attack('succeeded', async () => succeeded('200')),
      attack('broken', () => Promise.reject(new Error('a bug'))),
      attack('lacking', () => Promise.reject(new NotHere('it needs a gateway'))),
      { ...attack('patient', async () => refused('cut')), isPatient: true },
    ],
  };
  const verdicts = await runAttacks([group], new Stage({}));
  assert.deepEqual(summaryOf([group], verdicts), {
    groups: 1,
    attacks: 5,
    refused: 2,
    notRun: 1,
    open: ['group/succeeded', 'group/broken'],
  });
  assert.equal(verdicts[2]!.seen, 'not judged: a bug');
});

test('attack refuses a remote cloud that was not started with attack.allow', async () => {
  const nowhere = await ran('attack', '--target', 'https://grid.example');
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.said, /LS-ATTACK-001: https:\/\/grid\.example\/ cannot be reached/);
  const other = createServer((_request, response) => void response.end('{"ok":true}'));
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  const refusal = await ran('attack', '--target', `http://0.0.0.0:${port}`);
  other.close();
  assert.equal(refusal.code, 2);
  assert.match(refusal.said, /LS-ATTACK-001: .*was not started with attack\.allow/);
});

test('attack runs against a remote cloud that allows it, without the attacks that need its keys', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-target-'));
  const certificates = await Certificates.make(folder);
  writeFileSync(join(folder, 'region.json'), JSON.stringify(buildRegion(['owd'])));
  // By an address that the tool does not recognise as its own machine.
  const hosts = ['localhost', '127.0.0.1', '0.0.0.0'];
  const config = { region: join(folder, 'region.json'), data: folder, uplink: { port: 0 } };
  writeFileSync(
    join(folder, 'cloud.yaml'),
    JSON.stringify({ ...config, api: { port: 0, tls: {}, allowedHosts: hosts }, attack: { allow: true } }),
  );
  writeFileSync(join(folder, 'roots.pem'), certificates.roots);
  const cloud = new Started('cloud', '--config', join(folder, 'cloud.yaml'));
  try {
    const { port } = new URL(await cloud.says(/Loadstone cloud: (\S+)/));
    const uplink = await cloud.says(/uplinks on 127\.0\.0\.1:(\d+) by TLS/);
    const sarif = join(folder, 'attack.sarif');
    const target = ['--target', `https://0.0.0.0:${port}`, '--uplink', `0.0.0.0:${uplink}`];
    const more = ['--ca', join(folder, 'roots.pem'), '--sarif', sarif];
    const { code, said } = await ran('attack', ...target, ...more, '--json');
    assert.equal(code, 0, said);
    const summary = JSON.parse(said.trimEnd().split('\n').at(-1)!) as Summary;
    assert.deepEqual(summary.open, []);
    assert.equal(summary.refused + summary.notRun, summary.attacks);
    assert.ok(summary.refused >= 30, said);
    assert.match(said, /not run: replay\/same: it needs a gateway and the broker that it connects to/);
    assert.match(said, /not run: browser\/csrf-token: it needs an admin and an operator/);
    assert.match(said, /not run: models\/sparse: it needs a gateway connected to the cloud/);
    const { version, runs } = JSON.parse(readFileSync(sarif, 'utf8')) as SarifLog;
    assert.equal(version, '2.1.0');
    const kinds = Object.groupBy(runs[0]!.results, ({ kind }) => kind);
    assert.equal(kinds.pass?.length, summary.refused);
    assert.equal(kinds.notApplicable?.length, summary.notRun);
  } finally {
    await cloud.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
});

interface SarifLog {
  readonly version: string;
  readonly runs: readonly { readonly results: readonly { readonly kind: string }[] }[];
}
