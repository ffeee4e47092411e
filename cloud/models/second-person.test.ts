import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecondPerson } from './second-person.ts';

test('a promotion takes two persons who ask for the same in time; a token is its owner, and who asks again still waits', () => {
  let now = 0;
  const persons = new SecondPerson(() => now);
  const ask = (by: string, to: 'active' | 'canary' = 'active', id = 'm') => {
    const outcome = persons.consent({ id, to, by });
    return outcome.ok ? outcome.value.requester : outcome.fault.code;
  };
  assert.equal(ask('anna'), 'LS-DESK-005');
  assert.equal(ask('anna'), 'LS-DESK-005');
  assert.equal(ask('anna/script'), 'LS-DESK-005');
  assert.deepEqual(persons.waiting('m'), { to: 'active', by: 'anna', until: 900_000 });
  assert.equal(ask('bert', 'active', 'another'), 'LS-DESK-005');
  assert.equal(ask('bert', 'canary'), 'LS-DESK-005', 'another state is another wish');
  assert.equal(ask('anna', 'canary'), 'bert');
  assert.equal(persons.waiting('m'), undefined, 'used once');
  assert.equal(ask('anna'), 'LS-DESK-005');
  now = 900_001;
  assert.equal(ask('bert'), 'LS-DESK-005', 'it was void');
  assert.equal(ask('anna'), 'bert');
});
