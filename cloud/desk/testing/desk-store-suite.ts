import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandBody } from '../../../shared/contracts/document.ts';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { DeskStore } from '../desk-store.ts';

const T0 = Date.UTC(2021, 8, 25);
const AT_ONCE = 20;
const many = Array.from({ length: AT_ONCE }, (_, n) => n);

const command = (id: string, body: Partial<CommandBody> & Pick<CommandBody, 'kind'>, target = 'substation:owd') => ({
  target,
  gateway: target.startsWith('substation:whf') ? 'whf-01' : 'owd-01',
  body: { id, user: 'anna', reason: 'why', expiresAt: T0 + 1000, ...body },
  approver: null,
  issuedAt: T0,
  acceptUntil: T0 + 500,
  measuredKw: -12.5,
});
const approval = (id: string, expiresAt = T0 + 1000) => ({
  id,
  act: { kind: 'mode', target: 'region:north', mode: 'automatic' } as const,
  user: 'anna',
  reason: 'why',
  createdAt: T0,
  expiresAt,
});
const selection = (hash: string, expiresAt = T0 + 30) => ({
  hash,
  user: 'anna',
  bound: '{}',
  expiresAt,
  command: null,
});

/** Contract of every desk store. `open` returns an empty one. */
export function deskStoreSuite(name: string, open: () => Promise<Opened<DeskStore>>): void {
  test(`${name}: of concurrent takers of a selection one gets it`, async () => {
    const { store } = await open();
    const { hash, ...selected } = selection('h');
    await store.select({ hash, ...selected }, T0);
    assert.deepEqual(await store.selection(hash), selected);
    const taken = await Promise.all(many.map(() => store.take(hash)));
    assert.deepEqual(
      taken.filter((each) => each !== undefined),
      [selected],
    );
    assert.equal(await store.selection(hash), undefined);
  });

  test(`${name}: an expired selection is removed with the next one`, async () => {
    const { store } = await open();
    await store.select(selection('first', T0 + 30), T0);
    await store.select({ ...selection('second', T0 + 60), command: 'cmd-1' }, T0 + 29);
    assert.ok(await store.selection('first'));
    await store.select(selection('third', T0 + 60), T0 + 30);
    assert.equal(await store.selection('first'), undefined);
    assert.equal((await store.selection('second'))!.command, 'cmd-1');
  });

  test(`${name}: a reopened request can be decided again; only the approver's own approval is taken back`, async () => {
    const { store } = await open();
    for (const id of ['approved', 'refused']) await store.ask(approval(id));
    const by = { by: 'bert', why: 'so', now: T0 };
    await store.decide('approved', { state: 'approved', ...by });
    await store.decide('refused', { state: 'refused', ...by });
    await store.reopen('approved', 'carl');
    assert.equal((await store.approval('approved'))!.state, 'approved');
    for (const id of ['approved', 'refused']) await store.reopen(id, 'bert');
    assert.equal((await store.approval('refused'))!.state, 'refused');
    const { state, decidedBy, why } = (await store.approval('approved'))!;
    assert.deepEqual([state, decidedBy, why], ['waiting', null, null]);
    assert.equal(await store.decide('approved', { state: 'approved', ...by, by: 'carl' }), true);
  });

  test(`${name}: of concurrent decisions one counts; a decided or lapsed request is final`, async () => {
    const { store } = await open();
    for (const id of ['raced', 'late']) await store.ask(approval(id));
    const decided = await Promise.all(
      many.map((n) =>
        store.decide('raced', { state: n % 2 === 0 ? 'approved' : 'refused', by: `${n}`, why: 'so', now: T0 }),
      ),
    );
    assert.equal(decided.filter(Boolean).length, 1);
    const by = String(decided.indexOf(true));
    const { state, decidedBy, why } = (await store.approval('raced'))!;
    assert.deepEqual([state, decidedBy, why], [Number(by) % 2 === 0 ? 'approved' : 'refused', by, 'so']);
    assert.equal(await store.decide('late', { state: 'approved', by: 'bert', why: 'so', now: T0 + 1000 }), false);
    assert.equal(await store.decide('unknown', { state: 'approved', by: 'bert', why: 'so', now: T0 }), false);
  });

  test(`${name}: of a concurrent decision and lapse, one counts`, async () => {
    const { store } = await open();
    for (const n of many) {
      const id = `a-${n}`;
      await store.ask(approval(id));
      const lapse = store.lapse(id);
      const decision = store.decide(id, { state: 'approved', by: 'bert', why: 'so', now: T0 });
      const [, isDecided] = await Promise.all([lapse, decision]);
      assert.equal((await store.approval(id))!.state, isDecided ? 'approved' : 'expired');
    }
  });

  test(`${name}: lapsed requests stay overdue until settled, oldest first`, async () => {
    const { store } = await open();
    for (const id of ['one', 'two', 'decided']) await store.ask(approval(id));
    await store.decide('decided', { state: 'refused', by: 'bert', why: 'no', now: T0 });
    assert.deepEqual(await store.overdue(T0 + 999), []);
    const ids = async () => (await store.overdue(T0 + 1000)).map(({ id }) => id);
    assert.deepEqual(await ids(), ['one', 'two']);
    for (const id of ['one', 'decided']) await store.lapse(id);
    assert.deepEqual(await ids(), ['two']);
    const shown = (await store.approvals(2)).map(({ id, state }) => [id, state]);
    assert.deepEqual(shown, [
      ['decided', 'refused'],
      ['two', 'waiting'],
    ]);
  });

  test(`${name}: commands are listed newest first, without selections and cancels, and survive a restart`, async () => {
    const { store, again } = await open();
    const stored = [];
    for (const [n, kind] of (['override', 'select', 'stop', 'cancel', 'tag'] as const).entries())
      stored.push(await store.keep(command(`cmd-${n}`, { kind, device: 'pv-1', setpoint: { activePowerKw: n } })));
    const numbers = stored.map(({ number }) => number);
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
    const ids = (list: readonly { readonly body: CommandBody }[]) => list.map(({ body }) => body.id);
    assert.deepEqual(ids(await store.commands({ limit: 2 })), ['cmd-4', 'cmd-2']);
    assert.deepEqual(ids(await store.commands({ limit: 9, before: numbers[2] })), ['cmd-0']);
    assert.deepEqual(await (await again()).command('cmd-1'), stored[1]);
  });

  test(`${name}: concurrent commands get different numbers, and an id is stored once`, async () => {
    const { store } = await open();
    const stored = await Promise.all(many.map((n) => store.keep(command(`cmd-${n}`, { kind: 'stop' }))));
    assert.equal(new Set(stored.map(({ number }) => number)).size, AT_ONCE);
    assert.deepEqual(await store.keep(command('cmd-1', { kind: 'resume' })), stored[1]);
    assert.deepEqual(await store.command('cmd-1'), stored[1]);
    assert.equal((await store.commands({ limit: 2 * AT_ONCE })).length, AT_ONCE);
  });

  test(`${name}: standing commands are unexpired overrides and the newest stop or resume of each target`, async () => {
    const { store, again } = await open();
    const keep = (...given: Parameters<typeof command>) => store.keep(command(...given));
    await keep('runs out', { kind: 'override', expiresAt: T0 + 10 });
    await keep('ended', { kind: 'override' });
    await keep('old stop', { kind: 'stop' });
    await keep('stands', { kind: 'override' });
    await keep('stop of another', { kind: 'stop' }, 'substation:whf');
    await keep('resume', { kind: 'resume' });
    await keep('tag', { kind: 'tag' });
    await store.end('ended', T0 + 5);
    await store.end('resume', T0 + 5);
    await store.end('resume', T0 + 6);
    const standing = (await (await again()).standing(T0 + 10)).map(({ body, endedAt }) => [body.id, endedAt]);
    assert.deepEqual(standing, [
      ['stands', null],
      ['stop of another', null],
      ['resume', T0 + 5],
    ]);
  });
}
