import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { run as runBackup } from '../../cloud/cli/backup.ts';
import { run as runRestore } from '../../cloud/cli/restore.ts';
import { Authority } from '../../cloud/pki/authority.ts';
import { initAuthority } from '../../cloud/pki/make-authority.ts';
import { revoke } from '../../cloud/pki/standing.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { makeRequest } from '../../shared/pki/request.ts';
import { stage, uplinkOf } from './testing/drill.ts';
import { start } from './testing/started.ts';

test('a restored cloud asks which gateways were revoked after the backup and admits the others', async (t) => {
  const { folder, config, data, passphrase } = stage(t);
  const cloud = start(t, 'cloud', '--config', config);
  await cloud.says(/Loadstone cloud: http/);
  cloud.child.kill('SIGKILL');
  await cloud.ended;
  const now = Date.now();
  await initAuthority({ data, rootKey: '', now }, 'Loadstone test');
  const certified = async (gateway: string): Promise<string> => {
    const { key, request } = await makeRequest(gateway);
    return key + unwrap(await new Authority(data).certify(gateway, request, now));
  };
  const pems = { 'owd-01': await certified('owd-01'), 'wls-01': await certified('wls-01') };
  const backup = join(folder, 'backup');
  assert.equal(await runBackup([backup, '--config', config, '--passphrase-file', passphrase]), 0);
  revoke(data, 'owd-01', Date.now);

  const target = join(folder, 'target');
  const restore = (...more: string[]): Promise<number> =>
    runRestore([backup, '--data', target, '--passphrase-file', passphrase, ...more]);
  const refusal = (code: string, message: RegExp): object => ({ code, message });
  if (!process.stdin.isTTY)
    await assert.rejects(restore(), refusal('LS-BACKUP-006', /revoked since 20.*--revoked owd-01,.*--revoked none/));
  await assert.rejects(restore('--revoked', 'owd-1'), refusal('LS-PKI-007', /did you mean owd-01/));
  assert.deepEqual(readdirSync(target), ['lock.sqlite'], 'nothing was restored');
  assert.equal(await restore('--revoked', 'owd-01'), 0);

  const moved = join(folder, 'moved.yaml');
  const text = readFileSync(config, 'utf8').replace(`data: ${data}`, `data: ${target}`);
  writeFileSync(moved, text.replace(/^uplink:.*$/m, 'uplink: { port: 0 }'));
  const next = start(t, 'cloud', '--config', moved);
  const port = await uplinkOf(next);
  const connected = async (gateway: keyof typeof pems): Promise<boolean> => {
    const client = mqtt.connect({
      protocol: 'mqtts',
      host: '127.0.0.1',
      port: Number(port),
      clientId: gateway,
      ca: new Authority(target).roots(),
      key: pems[gateway],
      cert: pems[gateway],
      ALPNProtocols: ['mqtt'],
      reconnectPeriod: 0,
    });
    const { promise, resolve } = Promise.withResolvers<boolean>();
    client.on('connect', () => resolve(true));
    client.on('error', () => resolve(false));
    client.on('close', () => resolve(false));
    return promise.finally(() => client.end(true));
  };
  assert.equal(await connected('owd-01'), false, next.said());
  assert.equal(await connected('wls-01'), true, next.said());
});
