import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { lockFolder } from '../../shared/lock/folder-lock.ts';
import { ownGateway } from '../compose-check.ts';
import { loadConfig } from '../config/load.ts';
import { runLocal } from './local.ts';
import type { OwnGatewayFor } from './own-gateway.ts';
import { runTest } from './test-device.ts';

const never: OwnGatewayFor = () => assert.fail('the command works beside a gateway');

function site(t: TestContext): { readonly file: string; readonly journal: string; readonly socket: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ls-beside-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [file, journal, socket] = ['gateway.yaml', 'journal', 'gateway.sock'].map((name) => join(folder, name));
  mkdirSync(journal!);
  writeFileSync(
    file!,
    `gateway: { id: owd-01, substation: owd }\njournal: { path: ${journal} }\nsocket: { path: ${socket} }\n` +
      `localBroker: { listen: "127.0.0.1:0" }\ndevices:\n  - { id: bess-1, driver: mqtt, type: battery, ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 200 }, ` +
      `read: { activePowerKw: { topic: a } }, write: { activePowerKw: { topic: b } } }\n`,
  );
  return { file: file!, journal: journal!, socket: socket! };
}

test('a gateway that answers badly is still running: check and test do not work beside it', async (t) => {
  const { file, socket } = site(t);
  const server = createServer((each) => each.end('{'));
  t.after(() => server.close());
  await new Promise<void>((resolve) => void server.listen(socket, resolve));
  const incomplete = { code: 'LS-API-009', message: `the gateway at ${socket} gave an incomplete answer` };
  await assert.rejects(runLocal('check', ['--config', file], never), incomplete);
  await assert.rejects(runTest(['bess-1', '--set', 'activePowerKw=10', '--config', file], never), incomplete);
});

test('a gateway whose socket is elsewhere still holds its journal: no other commands its devices', async (t) => {
  const { file, journal } = site(t);
  const held = lockFolder(journal, Date.now());
  t.after(() => held.release());
  const config = loadConfig(file, { env: {} })!;
  for (const mode of ['monitor', 'manual'] as const)
    await assert.rejects(ownGateway(config, mode), { code: 'LS-DATA-001', message: /journal is in use by "loadstone/ });
});

test('a journal that cannot be locked bars commands, because a gateway may be running', async (t) => {
  const { file, journal } = site(t);
  symlinkSync('/dev/null', join(journal, 'lock.sqlite'));
  await assert.rejects(ownGateway(loadConfig(file, { env: {} })!, 'manual'), { code: 'LS-DATA-002' });
});
