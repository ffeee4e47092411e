import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { openedPeople, START, TOKEN } from './testing/api-fixture.ts';
import type { OwnerChanges } from './testing/owner-fixture.ts';
import { roleRig, SPIKE } from './testing/role-rig.ts';

test('refusals are audited with their code, failed sign-ins with the given name', async () => {
  const { audit, ask, signIn } = await roleRig();
  await ask({ ...SPIKE, headers: (await signIn('viewer')).headers });
  assert.deepEqual(audit.entries.at(-1), { who: 'viewer', what: 'POST /v1/simulation/events', outcome: 'LS-API-003' });
  await ask({ method: 'POST', url: '/v1/session', payload: { user: 'eve\n', password: 'x' } });
  const to = { address: '127.0.0.1' };
  assert.deepEqual(audit.entries.at(-1), { who: 'eve\n', what: 'POST /v1/session', to, outcome: 'LS-API-002' });
  await ask({ ...SPIKE, headers: { authorization: `Bearer ${TOKEN}` } });
  const spiked = audit.entries.at(-1)!;
  assert.deepEqual([spiked.who, spiked.on, spiked.to], ['owner', 'feeder:owd-1', { percent: 30, durationS: 300 }]);
});

test('an act that is repeated under its Idempotency-Key is audited once', async () => {
  const { audit, ask } = await roleRig();
  const headers = { authorization: `Bearer ${TOKEN}`, 'idempotency-key': 'spike-1' };
  const answers = [await ask({ ...SPIKE, headers }), await ask({ ...SPIKE, headers })];
  assert.deepEqual(
    answers.map((answer) => [answer.statusCode, answer.headers['idempotency-replayed']]),
    [
      [202, undefined],
      [202, 'true'],
    ],
  );
  assert.deepEqual(
    audit.entries.map(({ on, outcome }) => [on, outcome]),
    [['feeder:owd-1', 'done']],
  );
});

test('repeated password guesses become one audit entry, written before the owner signs in', async () => {
  const clock = new VirtualClock(START);
  const { app, ask, audit, deps } = await roleRig({ clock, people: openedPeople(() => clock.machine.now()) });
  const attempt = (password: string) =>
    ask({ method: 'POST', url: '/v1/session', payload: { user: 'viewer', password } });
  for (let n = 0; n < 300; n++) {
    await attempt('guess');
    await clock.advance(1000);
  }
  assert.equal(audit.entries.length, 6);
  await clock.advance(5 * 60_000);
  assert.equal((await attempt('viewer-password')).statusCode, 200);
  const [soon, counted, opened] = audit.entries.slice(5);
  assert.equal(audit.entries.length, 8);
  assert.match(soon!.why!, /^60 further failed attempts for account viewer/);
  assert.match(
    counted!.why!,
    /^235 further failed attempts for account viewer from 127\.0\.0\.1 between \S+Z and \S+Z$/,
  );
  assert.deepEqual([opened!.who, opened!.outcome], ['viewer', 'done']);
  await attempt('guess');
  await app.close();
  await deps.attempts.close();
  assert.match(audit.entries.at(-1)!.why!, /^1 further failed/);
});

test('an act that cannot be audited is not told as done', async () => {
  const append = (): never => {
    throw new Error('disk full');
  };
  const { ask } = await roleRig({
    audit: {
      append,
      appendStop: append,
      list: async () => [],
      verify: async () => ({ entries: 0, problem: undefined, witness: null }),
    },
  });
  const answer = await ask({ ...SPIKE, headers: { authorization: `Bearer ${TOKEN}` } });
  assert.deepEqual([answer.statusCode, answer.json().code], [504, 'LS-API-017']);
  const signIn = await ask({
    method: 'POST',
    url: '/v1/session',
    payload: { user: 'viewer', password: 'viewer-password' },
  });
  assert.deepEqual([signIn.statusCode, signIn.headers['set-cookie']], [504, undefined]);
});

test('a sent stop is answered while its audit entry waits; other acts fail, and refusals queue no entry', async () => {
  const append = (): never => {
    throw new Error('disk full');
  };
  const waiting: unknown[] = [];
  const appendStop = async (facts: unknown) => void waiting.push(facts);
  const operators: OwnerChanges['operators'] = {
    ask: async (_actor, { target }) => {
      if (target === 'substation:none') throw new LoadstoneError('LS-API-004', 'there is no such target');
      if (target === 'substation:whf') throw new Error('one of its sends failed');
      return { commands: [], approval: null };
    },
  };
  const { ask } = await roleRig({
    own: { operators },
    audit: {
      append,
      appendStop,
      list: async () => [],
      verify: async () => ({ entries: 0, problem: undefined, witness: null }),
    },
  });
  const acts = (kind: string, target: string) =>
    ask({
      method: 'POST',
      url: '/v1/acts',
      payload: { kind, target, reason: 'smoke' },
      headers: { authorization: `Bearer ${TOKEN}` },
    });
  assert.equal((await acts('stop', 'substation:owd')).statusCode, 202);
  assert.deepEqual(
    waiting.map((facts) => ({ ...(facts as object), who: undefined })),
    [
      {
        on: 'substation:owd',
        to: { kind: 'stop' },
        why: 'smoke',
        who: undefined,
        what: 'POST /v1/acts',
        outcome: 'done',
      },
    ],
  );
  assert.equal((await acts('stop', 'substation:none')).json().code, 'LS-API-004');
  assert.equal((await acts('tag', 'feeder:owd-1')).statusCode, 504);
  assert.equal(waiting.length, 1);
  assert.equal((await acts('stop', 'substation:whf')).statusCode, 500);
  assert.equal(waiting.length, 2, 'a partly sent stop gets its audit entry');
});
