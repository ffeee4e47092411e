import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditFacts } from '../audit/audit-entry.ts';
import type { GuardedOwner } from './owner-acts.ts';
import { UnwrittenActs } from './unwritten-acts.ts';

function rig() {
  const written: AuditFacts[] = [];
  const failures: unknown[] = [];
  const { promise: slow, resolve: finish } = Promise.withResolvers<string>();
  const append = async (facts: AuditFacts): Promise<void> => void written.push(facts);
  const owner = {
    operators: { ask: async () => 'asked', select: async () => 'token', release: () => slow },
    people: {
      removeUser: async (_by: unknown, name: string) => {
        if (name === 'nobody') throw new Error('there is none');
      },
      signIn: async () => 'session',
    },
    scenarios: { add: async () => undefined },
    audit: { append, appendStop: append },
  } as unknown as GuardedOwner;
  const takes = async (facts: AuditFacts): Promise<void> => {
    if (facts.what === 'operators.select') throw new Error('the disk is full');
    await append(facts);
  };
  const acts = new UnwrittenActs({ append: takes } as never, (error) => failures.push(error));
  const watched = acts.watched(owner) as unknown as {
    readonly [group: string]: { readonly [name: string]: (...args: unknown[]) => Promise<unknown> };
  };
  return { acts, watched, written, failures, finish };
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

test('an act that ends after its role was lost is written at once', async () => {
  const { acts, watched, written, finish } = rig();
  const released = watched['operators']!['release']!({ name: 'olga' }, 'a setpoint');
  await acts.giveUp();
  assert.equal(written.length, 0);
  finish('released');
  await released;
  assert.deepEqual(
    written.map(({ who, what }) => [who, what]),
    [['olga', 'operators.release']],
  );
});

test('acts of one person at once are kept apart, and one that is not written stops no other', async () => {
  const { acts, watched, written, failures } = rig();
  for (const what of ['ask', 'select', 'ask']) await watched['operators']![what]!({ name: 'olga' }, 'stop');
  await watched['audit']!['append']!({ who: 'olga', what: 'POST /v1/acts', outcome: 'done' });
  await acts.giveUp();
  assert.deepEqual(
    written.map(({ what }) => what),
    ['POST /v1/acts', 'operators.ask'],
  );
  assert.match(String(failures), /the disk is full/);
});

test('a refusal that is written leaves an act of the same person to write', async () => {
  const { acts, watched, written } = rig();
  await watched['operators']!['ask']!({ name: 'olga' }, 'stop');
  await watched['audit']!['append']!({ who: 'olga', what: 'POST /v1/acts', outcome: 'LS-API-004' });
  await acts.giveUp();
  assert.deepEqual(
    written.map(({ what }) => what),
    ['POST /v1/acts', 'operators.ask'],
  );
});
