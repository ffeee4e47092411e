import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '../shared/time/virtual-clock.ts';
import { brokerOptions } from './compose-daemon.ts';
import { parseConfig } from './config/load.ts';
import { RIG_YAML } from './cycle/testing/rig.ts';

test('an unreadable line of the user file is listed, and the gateway starts with the others', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ls-users-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'devices.htpasswd');
  writeFileSync(file, `good:scrypt$AAAA$${Buffer.alloc(32).toString('base64')}\nbad\n`);
  const config = parseConfig(`${RIG_YAML}localBroker: { userFile: ${file} }\n`, 'gateway.yaml');
  const lacks: string[] = [];
  const { users } = brokerOptions(config, new VirtualClock(0), lacks);
  assert.equal(users?.has('good'), true);
  assert.equal(lacks.filter((why) => why.startsWith(`LS-CONFIG-002: ${file}:2: expected name:scrypt`)).length, 1);
});
