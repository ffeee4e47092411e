import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SqliteModelRegistry } from './sqlite-model-registry.ts';
import { SecondPerson } from './second-person.ts';

test('a promotion needs the same request from two persons in time; a token counts as its owner', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-promotions-'));
  context.after(() => rmSync(folder, { recursive: true }));
  let now = 0;
  /** Each call runs as after a restart. */
  const opened = async <T>(use: (persons: SecondPerson) => Promise<T>): Promise<T> => {
    const registry = new SqliteModelRegistry(join(folder, 'models.sqlite'));
    registry.open();
    const answer = await use(new SecondPerson(() => now, registry));
    registry.close();
    return answer;
  };
  const ask = async (by: string, to: 'active' | 'canary' = 'active', id = 'm') => {
    const outcome = await opened((persons) => persons.consent({ id, to, by, reason: `${by} has seen it` }));
    return outcome.ok ? outcome.value.requester : outcome.fault.code;
  };
  const waiting = () => opened((persons) => persons.waiting('m'));
  assert.equal(await ask('anna'), 'LS-DESK-005');
  assert.equal(await ask('anna'), 'LS-DESK-005');
  assert.equal(await ask('anna/script'), 'LS-DESK-005');
  assert.deepEqual(await waiting(), { to: 'active', by: 'anna', reason: 'anna/script has seen it', until: 900_000 });
  assert.equal(await ask('bert', 'active', 'another'), 'LS-DESK-005');
  assert.equal(await ask('bert', 'canary'), 'LS-DESK-005', 'a request for another state does not count');
  assert.equal(await ask('anna', 'canary'), 'bert');
  assert.equal(await waiting(), undefined, 'used once');
  assert.equal(await ask('anna'), 'LS-DESK-005');
  now = 900_000;
  assert.equal(await waiting(), undefined, 'the first request has expired');
  assert.equal(await ask('bert'), 'LS-DESK-005', 'the first request was void');
  assert.equal(await ask('anna'), 'bert');
});
