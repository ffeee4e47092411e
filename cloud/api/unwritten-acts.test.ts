import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditFacts } from '../audit/audit-entry.ts';
import type { GuardedOwner } from './owner-acts.ts';
import { UnwrittenActs } from './unwritten-acts.ts';

function rig() {
  const written: AuditFacts[] = [];
  const append = async (facts: AuditFacts): Promise<void> => void written.push(facts);
  const owner = {
    operators: { ask: async () => 'asked' },
    people: {
      removeUser: async (_by: unknown, name: string) => {
        if (name === 'nobody') throw new Error('there is none');
      },
      signIn: async () => 'session',
    },
    scenarios: { add: async () => undefined },
    audit: { append, appendStop: append },
  } as unknown as GuardedOwner;
  const acts = new UnwrittenActs({ append } as never);
  const watched = acts.watched(owner) as unknown as {
    readonly [group: string]: { readonly [name: string]: (...args: unknown[]) => Promise<unknown> };
  };
  return { acts, watched, written };
}

test('an act whose role is lost before it wrote it down is written by the owner', async () => {
  const { acts, watched, written } = rig();
  const ofAdmin = { name: 'admin', right: 'access:write' };
  assert.equal(await watched['operators']!['ask']!({ name: 'olga', user: 'olga' }, 'stop'), 'asked');
  await watched['people']!['removeUser']!(ofAdmin, 'anna');
  await acts.giveUp();
  assert.deepEqual(
    written.map(({ who, what, outcome }) => [who, what, outcome]),
    [
      ['olga', 'operators.ask', 'done'],
      ['admin', 'people.removeUser', 'done'],
    ],
  );
  await acts.giveUp();
  assert.equal(written.length, 2, 'once');
});

test('what was written, was refused, or is not written down at all, leaves nothing to write', async () => {
  const { acts, watched, written } = rig();
  const ofAdmin = { name: 'admin', right: 'access:write' };
  await watched['people']!['removeUser']!(ofAdmin, 'anna');
  await watched['audit']!['append']!({ who: 'admin', what: 'DELETE /v1/users/:id', outcome: 'done' });
  await watched['operators']!['ask']!({ name: 'olga', user: 'olga' }, 'stop');
  await watched['audit']!['appendStop']!({ who: 'olga', what: 'POST /v1/acts', outcome: 'done' });
  await assert.rejects(watched['people']!['removeUser']!(ofAdmin, 'nobody'));
  await watched['people']!['signIn']!('anna', 'a password');
  await watched['scenarios']!['add']!({ name: 'petra', right: 'planner:write' });
  await acts.giveUp();
  assert.deepEqual(
    written.map(({ what }) => what),
    ['DELETE /v1/users/:id', 'POST /v1/acts'],
  );
});
