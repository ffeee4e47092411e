import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { AuditFacts } from '../audit/audit-entry.ts';
import { buildApi } from './app.ts';
import type { GuardedOwner } from './owner-acts.ts';
import { fixtureDeps, START, TOKEN } from './testing/api-fixture.ts';
import { UnwrittenActs } from './unwritten-acts.ts';

function rig() {
  const written: AuditFacts[] = [];
  const failures: unknown[] = [];
  const { promise: slow, resolve: finish } = Promise.withResolvers<string>();
  const append = async (facts: AuditFacts): Promise<void> => void written.push(facts);
  const owner = {
    operators: {
      ask: async () => 'asked',
      decide: async () => 'decided',
      select: async () => 'token',
      release: () => slow,
    },
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

test('the owner records an act whose role was lost before recording it', async () => {
  const { acts, watched, written } = rig();
  const ofAdmin = { name: 'admin', request: 'req-2' };
  const ofOlga = { name: 'olga', user: 'olga', request: 'req-1' };
  assert.equal(await watched['operators']!['ask']!(ofOlga, 'stop'), 'asked');
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

test('acts that were recorded, refused or never audited leave nothing to record', async () => {
  const { acts, watched, written } = rig();
  const ofAdmin = { name: 'admin', request: 'req-1' };
  await watched['people']!['removeUser']!(ofAdmin, 'anna');
  await watched['audit']!['append']!({ who: 'admin', what: 'DELETE /v1/users/:id', outcome: 'done' }, 'req-1');
  await watched['operators']!['ask']!({ name: 'olga', user: 'olga', request: 'req-2' }, 'stop');
  await watched['audit']!['appendStop']!({ who: 'olga', what: 'POST /v1/acts', outcome: 'done' }, 'req-2');
  await assert.rejects(watched['people']!['removeUser']!(ofAdmin, 'nobody'));
  await watched['people']!['signIn']!('anna', 'a password');
  await watched['scenarios']!['add']!({ name: 'petra', request: undefined });
  await acts.giveUp();
  assert.deepEqual(
    written.map(({ what }) => what),
    ['DELETE /v1/users/:id', 'POST /v1/acts'],
  );
});

test('an act that ends after its role was lost is recorded at once', async () => {
  const { acts, watched, written, finish } = rig();
  const released = watched['operators']!['release']!({ name: 'olga', request: 'req-1' }, 'a setpoint');
  await acts.giveUp();
  assert.equal(written.length, 0);
  finish('released');
  await released;
  assert.deepEqual(
    written.map(({ who, what }) => [who, what]),
    [['olga', 'operators.release']],
  );
});

test('concurrent acts of one person stay separate, and a failed record does not stop the others', async () => {
  const { acts, watched, written, failures } = rig();
  for (const [at, what] of ['decide', 'select', 'ask'].entries())
    await watched['operators']![what]!({ name: 'olga', request: `req-${at}` }, 'stop');
  await watched['audit']!['append']!({ who: 'olga', what: 'POST /v1/acts', outcome: 'done' }, 'req-2');
  await acts.giveUp();
  assert.deepEqual(
    written.map(({ what }) => what),
    ['POST /v1/acts', 'operators.decide'],
  );
  assert.match(String(failures), /the disk is full/);
});

test('a recorded refusal does not account for an act that was done', async () => {
  const { acts, watched, written } = rig();
  await watched['operators']!['ask']!({ name: 'olga', request: 'req-1' }, 'stop');
  await watched['audit']!['append']!({ who: 'olga', what: 'POST /v1/acts', outcome: 'LS-API-004' }, 'req-1');
  await acts.giveUp();
  assert.deepEqual(
    written.map(({ what }) => what),
    ['POST /v1/acts', 'operators.ask'],
  );
});

test('an annotation is recorded although only its route makes it an act; a scenario is not', async () => {
  const { acts, written } = rig();
  const deps = fixtureDeps();
  const groups = Object.keys(deps.own).map((name) => [name, deps.owner[name as keyof typeof deps.owner]]);
  const owner = acts.watched(Object.fromEntries(groups) as GuardedOwner) as unknown as typeof deps.owner;
  const lost = async () => {
    throw new Error('the role is lost before recording it');
  };
  const { app } = await buildApi({ ...deps, owner: { ...owner, audit: { ...owner.audit, append: lost } } });
  after(() => app.close());
  const post = (url: string, payload: object) =>
    app.inject({
      method: 'POST',
      url,
      payload,
      headers: { host: 'localhost:8080', authorization: `Bearer ${TOKEN}` },
    });
  const span = { start: new Date(START - 3_600_000).toISOString(), end: new Date(START).toISOString() };
  await post('/v1/annotations', { target: 'feeder:owd-1', kind: 'outage', ...span, note: 'cable fault' });
  const scenario = {
    name: 'more sun',
    base: { kind: 'history', ...span },
    changes: [{ type: 'pv', target: 'substation:owd', addedKwp: 10 }],
  };
  const added = await post('/v1/scenarios', scenario);
  assert.equal(added.statusCode, 201, added.body);
  await acts.giveUp();
  assert.deepEqual(
    written.map(({ who, what }) => [who, what]),
    [['owner', 'annotations.add']],
  );
});
