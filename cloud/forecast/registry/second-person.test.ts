import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ModelRegistry } from './registry.ts';
import { SecondPerson } from './second-person.ts';

test('a promotion needs the same request by two persons in time, across restarts; a token counts as its owner', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-promotions-'));
  context.after(() => rmSync(folder, { recursive: true }));
  let now = 0;
  /** Each time as after a restart. */
  const opened = <T>(use: (persons: SecondPerson) => T): T => {
    const registry = new ModelRegistry(join(folder, 'models.sqlite'));
    registry.open();
    const answer = use(new SecondPerson(() => now, registry));
    registry.close();
    return answer;
  };
  const ask = (by: string, to: 'active' | 'canary' = 'active', id = 'm') => {
    const outcome = opened((persons) => persons.consent({ id, to, by, reason: `${by} has seen it` }));
    return outcome.ok ? outcome.value.requester : outcome.fault.code;
  };
  const waiting = () => opened((persons) => persons.waiting('m'));
  assert.equal(ask('anna'), 'LS-DESK-005');
  assert.equal(ask('anna'), 'LS-DESK-005');
  assert.equal(ask('anna/script'), 'LS-DESK-005');
  assert.deepEqual(waiting(), { to: 'active', by: 'anna', reason: 'anna/script has seen it', until: 900_000 });
  assert.equal(ask('bert', 'active', 'another'), 'LS-DESK-005');
  assert.equal(ask('bert', 'canary'), 'LS-DESK-005', 'another state is another wish');
  assert.equal(ask('anna', 'canary'), 'bert');
  assert.equal(waiting(), undefined, 'used once');
  assert.equal(ask('anna'), 'LS-DESK-005');
  now = 900_000;
  assert.equal(waiting(), undefined, 'its time is up');
  assert.equal(ask('bert'), 'LS-DESK-005', 'it was void');
  assert.equal(ask('anna'), 'bert');
});
