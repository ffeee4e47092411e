import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pkiFiles } from '../../cloud/pki/authority-files.ts';
import { pemBlocks } from '../../shared/pki/pem.ts';
import { cloudFiles, folderOf, start, type Started } from './testing/started.ts';

const runs = ({ says }: Started, what: RegExp): Promise<string> => says(what).then(() => 'it runs');

test('two clouds never write one data folder: the second is refused until the first is killed', async (t) => {
  const folder = folderOf(t);
  const { config } = cloudFiles(folder);
  const first = start(t, 'cloud', '--config', config);
  await first.says(/Loadstone cloud: http/);

  const second = start(t, 'cloud', '--config', config);
  assert.equal(await Promise.race([second.ended, runs(second, /Loadstone cloud: http/)]), 1, second.said());
  assert.match(second.said(), /LS-DATA-001: .*\/data is in use by "loadstone cloud --config /);
  assert.match(second.said(), new RegExp(`process ${first.child.pid} on .*, since 20\\d\\d-`));
  assert.match(second.said(), /Stop the process that the message names/);

  first.child.kill('SIGKILL');
  await first.ended;
  const third = start(t, 'cloud', '--config', config);
  await third.says(/Loadstone cloud: http/);
});

test('two gateways never write one journal, whatever their sockets', async (t) => {
  const folder = folderOf(t);
  const site = (name: string): string => {
    const file = join(folder, `${name}.yaml`);
    writeFileSync(
      file,
      `gateway: { id: owd-01, substation: owd }\njournal: { path: ${folder}/journal }\n` +
        `socket: { path: ${folder}/${name}.sock }\nlocalBroker: { listen: "127.0.0.1:0" }\n`,
    );
    return file;
  };
  mkdirSync(join(folder, 'journal'));
  const first = start(t, 'edge', '--config', site('one'));
  await first.says(/gateway runs/);
  const second = start(t, 'edge', '--config', site('two'));
  assert.equal(await Promise.race([second.ended, runs(second, /gateway runs/)]), 1, second.said());
  assert.match(second.said(), /LS-DATA-001: .*\/journal is in use by "loadstone edge --config /);
  first.child.kill('SIGKILL');
  await first.ended;
  const third = start(t, 'edge', '--config', site('two'));
  await third.says(/gateway runs/);
  third.child.kill('SIGTERM');
  assert.equal(await third.ended, 0);
});

test('of several changes of the root at once each counts', async (t) => {
  const data = join(folderOf(t), 'data');
  const pki = async (...args: string[]): Promise<void> => {
    const { ended, said } = start(t, 'pki', ...args, '--data', data);
    assert.equal(await ended, 0, said());
  };
  await pki('init');
  const known = rootsIn(data);
  await Promise.all([pki('roll', 'root'), pki('roll', 'root'), pki('roll', 'root')]);
  const roots = rootsIn(data);
  assert.deepEqual(
    roots.map(({ subject }) => subject),
    ['CN=Loadstone root 4', 'CN=Loadstone root 3', 'CN=Loadstone root 2', 'CN=Loadstone root'],
  );
  assert.equal(roots[3]!.fingerprint256, known[0]!.fingerprint256);
  await pki('roll', 'issuer');
});

const rootsIn = (data: string): X509Certificate[] =>
  pemBlocks(readFileSync(pkiFiles(data).roots, 'utf8'), 'CERTIFICATE').map((pem) => new X509Certificate(pem));
