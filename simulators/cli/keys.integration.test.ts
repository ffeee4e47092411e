import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { KEYS_FILE } from '../../edge/uplink/key-ring.ts';
import { kidOf } from '../../shared/codec/signed-document.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { readListUnverified, type KeyList } from '../../shared/pki/key-list.ts';
import { until } from '../../shared/testing/until.ts';
import { ran, Started } from '../attack/started.ts';
import { buildRegion } from '../region/region.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadstone-keys-'));
const config = join(folder, 'cloud.yaml');
const data = join(folder, 'cloud');
const usb = join(folder, 'usb.json');
const journal = join(folder, 'journal');
const yaml = join(folder, 'gateway.yaml');
const pinned = join(folder, 'identity', 'trusted-keys.json');
let cloud: Started | undefined;
let daemon: Started | undefined;

const keys = async (...args: string[]): Promise<string> => {
  const { code, said } = await ran('keys', ...args, '--config', config);
  assert.equal(code, 0, said);
  return said;
};

async function startCloud(): Promise<string> {
  cloud = new Started('cloud', '--config', config);
  return cloud.says(/uplinks on 127\.0\.0\.1:(\d+) by TLS/);
}

/** The key list that the gateway stores beside its journal. */
function held(): (KeyList & { readonly by?: string }) | undefined {
  const file = join(journal, KEYS_FILE);
  if (!existsSync(file)) return undefined;
  const { list, by } = JSON.parse(readFileSync(file, 'utf8')) as { list: string; by?: string };
  return { ...unwrap(readListUnverified(list.split('\n').at(-1)!)), ...(by === undefined ? {} : { by }) };
}

/** Signing key and key generation of the settings in force at the gateway. */
function settings(): { readonly kid: string | undefined; readonly generation: number } | undefined {
  const file = join(journal, 'documents', 'settings.json');
  if (!existsSync(file)) return undefined;
  const { jws, generation } = JSON.parse(readFileSync(file, 'utf8')) as { jws: string; generation: number };
  return { kid: kidOf(jws), generation };
}

/** Whether an event in the gateway's journal contains the text. */
const tells = (text: string): boolean =>
  readdirSync(join(journal, 'events')).some((name) => readFileSync(join(journal, 'events', name)).includes(text));

/** Restarts the daemon and waits for a signed heartbeat: only that creates this file. */
async function hearsAfterRestart(): Promise<void> {
  await daemon?.end();
  rmSync(join(journal, 'heartbeat.json'), { force: true });
  daemon = new Started('edge', '--config', yaml);
  await until('a heartbeat that counts', () => existsSync(join(journal, 'heartbeat.json')));
}

before(async () => {
  writeFileSync(join(folder, 'region.json'), JSON.stringify(buildRegion(['owd'])));
  writeFileSync(
    config,
    `region: ${folder}/region.json\ndata: ${data}\nuplink: { port: 0, heartbeatS: 2 }\napi: { port: 0 }\n`,
  );
  assert.equal((await ran('pki', 'init', '--config', config)).code, 0);
  await keys('init', '--root-key', usb);
  const port = await startCloud();
  writeFileSync(
    yaml,
    `gateway: { id: owd-01, substation: owd }\njournal: { path: ${journal} }\nlocalBroker: { listen: "127.0.0.1:0" }\nuplink: { url: "mqtts://127.0.0.1:${port}", identity: ${folder}/identity }\n`,
  );
  const token = join(folder, 'token');
  writeFileSync(token, (await ran('pki', 'token', 'owd-01', '--config', config)).said);
  const enrolled = await ran('edge', 'enrol', `https://127.0.0.1:${port}`, '--token-file', token, '--config', yaml);
  assert.equal(enrolled.code, 0, enrolled.said);
  await hearsAfterRestart();
});
after(async () => {
  await daemon?.end();
  await cloud?.end();
  rmSync(folder, { recursive: true, force: true });
});

test('a key rotation reaches running cloud and gateway and ends the previous key', { timeout: 240_000 }, async () => {
  assert.ok(!existsSync(join(data, 'keys', 'root.json')), 'the root key is not on the cloud');
  const refused = await ran('keys', 'rotate', 'documents', '--config', config);
  assert.equal(refused.code, 1);
  assert.match(refused.said, /LS-KEY-001: .*root\.json: the file is missing/);
  const first = await until('settings of the cloud', settings);
  assert.equal(first.generation, 1);
  await keys('rotate', 'documents', '--root-key', usb);
  await until('the newer list', () => held()?.generation === 2);
  const next = await until('the re-signed settings', () => settings()?.generation === 2 && settings());
  assert.equal(next.kid, held()!.roles.documents[0]!.kid);
  assert.notEqual(next.kid, first.kid);
  const before = held()!.roles.online[0]!.kid;
  await keys('rotate', 'online', '--root-key', usb);
  await until('the newer list', () => held()?.generation === 3);
  assert.notEqual(held()!.roles.online[0]!.kid, before);
  await hearsAfterRestart();
});

test(
  'a key list is signed where the root is, and the audit log continues under a new key',
  { timeout: 240_000 },
  async () => {
    const [unsigned, list] = [join(folder, 'list.json'), join(folder, 'list.jws')];
    writeFileSync(unsigned, await keys('rotate', 'audit', '--offline'));
    const signing = await ran('keys', 'sign', unsigned, '--root-key', usb);
    assert.equal(signing.code, 0, signing.said);
    writeFileSync(list, signing.said.trim().split('\n').at(-1)!);
    await keys('import', list);
    assert.match(await keys('list'), /generation 4[\s\S]*audit +\S+  before: \S+/);
    const again = await ran('keys', 'import', list, '--config', config);
    assert.match(again.said, /LS-KEY-001: .*generation 4; generation 4 is already in force/);
    await until('the gateway has it', () => held()?.generation === 4);
    await until('the audit log is complete', async () => {
      const { code, said } = await ran('audit', 'verify', '--data', data);
      return code === 0 || (assert.match(said, /ends the list/), false);
    });
    assert.match(readFileSync(join(data, 'audit.jsonl'), 'utf8'), /"what":"audit\.key"/);
  },
);

const [second, third, fourth] = ['usb-2.json', 'usb-3.json', 'usb-4.json'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];

test(
  'a gateway follows a root hand-over, and another that happened while it was away',
  { timeout: 240_000 },
  async () => {
    await keys('reroot', '--root-key', usb, '--new-root-key', second);
    const kid = (file: string): string => (JSON.parse(readFileSync(file, 'utf8')) as { kid: string }).kid;
    await until('the second root', () => held()?.root.kid === kid(second));
    const ended = await ran('keys', 'rotate', 'documents', '--root-key', usb, '--config', config);
    assert.match(ended.said, /LS-KEY-001: this is not the key of the root/);
    await daemon?.end();
    // Both root keys are offline: the cloud only imports lines of a file.
    const [unsigned, lines] = [join(folder, 'reroot.json'), join(folder, 'reroot.jws')];
    writeFileSync(unsigned, await keys('reroot', '--offline'));
    const signing = await ran('keys', 'sign', unsigned, '--root-key', second, '--new-root-key', third);
    assert.equal(signing.code, 0, signing.said);
    writeFileSync(lines, signing.said.trim().split('\n').slice(-2).join('\n'));
    await keys('import', lines);
    await keys('rotate', 'documents', '--root-key', third);
    await hearsAfterRestart();
    await until('the third root', () => held()?.root.kid === kid(third));
    await until('the re-signed settings', () => settings()?.kid === held()!.roles.documents[0]!.kid);
  },
);

test(
  'after the loss of a root, a gateway accepts nothing from a new one until it is pinned on site',
  { timeout: 240_000 },
  async () => {
    const said = await keys('reroot', '--lost', '--new-root-key', fourth);
    assert.match(said, /The old root does not certify this one/);
    await keys('rotate', 'documents', '--root-key', fourth);
    const before = held()!.generation;
    await until('the list is refused', () => tells('a list of keys is refused'));
    assert.equal(held()!.generation, before);
    await daemon?.end();
    const reset = await ran(
      'edge',
      'trust',
      'reset',
      '--keys',
      join(data, 'trusted-keys.json'),
      '--reason',
      'the root is lost',
      '--config',
      yaml,
    );
    if (process.getuid?.() !== 0) {
      assert.match(reset.said, /LS-KEY-002: only root may reset/);
      return;
    }
    assert.equal(reset.code, 0, reset.said);
    assert.match(reset.said, /was reset on site by \S+: the root is lost; the root is \S+, and was \S+; documents/);
    await hearsAfterRestart();
    await until('it is reported', () => tells('was reset on site'));
    const pinnedNow = JSON.parse(readFileSync(pinned, 'utf8')) as { keys: { kid: string }[] };
    await until('the settings', () => settings()?.kid === pinnedNow.keys[0]!.kid);
  },
);

test('a gateway that pins the former single key accepts the key list from it', { timeout: 240_000 }, async () => {
  await daemon?.end();
  const generation = Number(/generation (\d+)/.exec(await keys('list'))![1]);
  for (const name of [KEYS_FILE, 'heartbeat.json', 'documents'])
    rmSync(join(journal, name), { recursive: true, force: true });
  const file = JSON.parse(readFileSync(join(data, 'trusted-keys.json'), 'utf8')) as { keys: { kid: string }[] };
  writeFileSync(pinned, JSON.stringify({ keys: file.keys }));
  await hearsAfterRestart();
  await until('the list', () => held()?.by === file.keys[0]!.kid && held()?.generation === generation);
  await until('the settings', () => settings()?.generation === generation);
  await keys('rotate', 'documents', '--root-key', fourth);
  await until('the newer list', () => held()?.generation === generation + 1);
  await until('the re-signed settings', () => settings()?.generation === generation + 1);
  assert.ok(daemon!.isRunning);
});
