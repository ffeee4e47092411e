import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import { Areas } from './areas.ts';
import { SqliteAreaStore } from './sqlite-area-store.ts';

const region = testRegion('owd', 'whf');
const ALL = [`region:${region.id}`];

function opened(path: string): SqliteAreaStore {
  const store = new SqliteAreaStore(path);
  store.open();
  return store;
}

function rig(path = ':memory:', store = opened(path)) {
  const events: LoadstoneEvent[] = [];
  /** Users, or users and targets, without the right. */
  const barred = new Set<string>();
  const areas = new Areas({
    region,
    store,
    now: () => 1_000,
    mayHold: (user, target) => !barred.has(user) && !barred.has(`${user} ${target}`),
    signedIn: () => ['anna'],
    report: (event) => events.push(event),
  });
  const holders = () => Object.fromEntries(areas.all().map(({ target, holder }) => [target, holder]));
  return { areas, store, events, barred, holders };
}

const refused = (act: () => unknown, code: string) =>
  assert.rejects(
    async () => act(),
    (error: unknown) => error instanceof LoadstoneError && error.code === code,
  );

test('an unheld area is open to all and can be taken; a held one is closed to others', async () => {
  const { areas, events, holders } = rig();
  for (const user of ['anna', 'bert']) areas.assertOpen([user], 'device:owd-01/battery-1');
  await areas.take('anna', { targets: ALL, freeOnly: true });
  assert.deepEqual(new Set(Object.values(holders())), new Set(['anna']));
  for (const target of [...ALL, 'substation:owd', 'feeder:owd-1', 'device:owd-01/battery-1']) {
    areas.assertOpen(['anna'], target);
    await refused(() => areas.assertOpen(['bert'], target), 'LS-DESK-006');
  }
  await refused(() => areas.assertNotElsewhere('bert', 'feeder:owd-1'), 'LS-DESK-006');
  assert.deepEqual(
    events.map(({ code, severity }) => [code, severity]),
    [['area.taken', 'info']],
  );
});

test('a feeder held by another is taken over with a reason; the substation then needs both holders', async () => {
  const { areas, events, holders } = rig();
  await areas.take('anna', { targets: ['substation:owd'] });
  await refused(() => areas.take('bert', { targets: ['feeder:owd-1'] }), 'LS-DESK-006');
  await areas.take('bert', { targets: ['feeder:owd-1'], reason: 'works on the line' });
  assert.deepEqual([holders()['feeder:owd-1'], holders()['feeder:owd-2']], ['bert', 'anna']);
  assert.match(events.at(-1)!.text, /bert takes owd-1 from anna: works on the line/);
  await refused(() => areas.assertOpen(['anna'], 'substation:owd'), 'LS-DESK-006');
  areas.assertOpen(['anna', 'bert'], 'substation:owd');
  areas.assertPart('bert', 'substation:owd');
  await refused(() => areas.assertPart('carl', 'substation:owd'), 'LS-DESK-006');
  await areas.take('carl', { targets: ALL, freeOnly: true });
  assert.deepEqual([holders()['feeder:owd-1'], holders()['feeder:whf-1']], ['bert', 'carl']);
});

test('an offered area stays with its holder, who can revoke the offer, until the other takes it', async () => {
  const { areas, events, barred, holders } = rig();
  await areas.take('anna', { targets: ['substation:owd'] });
  const over = { targets: ['substation:owd'], to: 'bert', reason: 'end of the shift' };
  await refused(() => areas.handOver('bert', over), 'LS-DESK-006');
  await refused(() => areas.handOver('anna', { ...over, to: 'anna' }), 'LS-API-007');
  barred.add('bert feeder:owd-2');
  await refused(() => areas.handOver('anna', over), 'LS-API-007');
  barred.clear();
  assert.equal((await areas.handOver('anna', over))[0]!.offer!.to, 'bert');
  areas.assertOpen(['anna'], 'substation:owd');
  await refused(() => areas.take('carl', { targets: ['feeder:owd-1'] }), 'LS-DESK-006');
  await areas.take('anna', { targets: ['feeder:owd-2'] });
  await areas.take('bert', { targets: ALL, freeOnly: true });
  const { 'substation:owd': station, 'feeder:owd-1': first, 'feeder:owd-2': second } = holders();
  assert.deepEqual([station, first, second], ['bert', 'bert', 'anna'], 'a revoked offer is void');
  assert.deepEqual(
    events.map(({ code }) => code),
    ['area.taken', 'area.offered', 'area.taken'],
  );
});

test('an area cannot be taken without the right and is lost with it; an admin can free the others', async () => {
  const { areas, events, barred, holders } = rig();
  barred.add('anna feeder:whf-1');
  await refused(() => areas.take('anna', { targets: ALL }), 'LS-API-003');
  await areas.take('anna', { targets: ALL, freeOnly: true });
  assert.deepEqual([holders()['feeder:whf-1'], holders()['substation:whf']], [null, 'anna']);
  await areas.take('bert', { targets: ['feeder:whf-1'] });
  barred.add('anna');
  await areas.sweep();
  assert.deepEqual(new Set(Object.values(holders())), new Set([null, 'bert']));
  assert.match(events.at(-1)!.text, /^Nobody holds owd, owd-1, owd-2, whf and 1 more: anna may not act there/);
  assert.equal(events.at(-1)!.severity, 'medium');
  await areas.free('eva', { targets: ALL, reason: 'bert has gone home' });
  assert.deepEqual(new Set(Object.values(holders())), new Set([null]));
  await refused(() => areas.take('anna', { targets: ['feeder:nowhere'] }), 'LS-API-004');
  assert.deepEqual(
    areas.view().losses.map(({ holder, how, by, areas: lost }) => [holder, how, by, lost.length]),
    [
      ['anna', 'barred', null, 5],
      ['bert', 'freed', 'eva', 1],
    ],
  );
});

test('lost areas are reported to the former holder until seen; handing over or releasing is no loss', async () => {
  const { areas, events } = rig();
  await areas.take('anna', { targets: ['substation:owd'] });
  await areas.take('carl', { targets: ['feeder:whf-1'] });
  await areas.take('bert', {
    targets: ['feeder:owd-1', 'feeder:owd-2', 'feeder:whf-1', 'feeder:whf-2'],
    reason: 'storm',
  });
  const losses = areas.view().losses;
  assert.deepEqual(losses, [
    {
      id: losses[0]!.id,
      holder: 'anna',
      how: 'taken',
      by: 'bert',
      reason: 'storm',
      areas: ['feeder:owd-1', 'feeder:owd-2'],
      at: 1_000,
    },
    { ...losses[0]!, id: losses[1]!.id, holder: 'carl', areas: ['feeder:whf-1'] },
  ]);
  await refused(() => areas.seen('bert', losses[0]!.id), 'LS-API-004');
  assert.deepEqual(await areas.seen('anna', losses[0]!.id), losses[0]);
  assert.equal(events.at(-1)!.text, 'anna has seen that owd-1, owd-2 was taken by bert');
  await refused(() => areas.seen('anna', losses[0]!.id), 'LS-API-004');
  await areas.seen('carl', losses[1]!.id);
  await areas.handOver('bert', { targets: ['feeder:owd-1'], to: 'anna', reason: 'over' });
  await areas.take('anna', { targets: ['feeder:owd-1'] });
  await areas.release('bert', { targets: ['feeder:owd-2'], reason: 'over' });
  await areas.free('bert', { targets: ['feeder:whf-2'], reason: 'own' });
  assert.deepEqual(areas.view().losses, []);
});

test('a declined area stays with its holder, who is shown the reason until it is marked seen', async () => {
  const { areas, events, holders } = rig();
  await areas.take('anna', { targets: ['substation:owd'] });
  await areas.take('carl', { targets: ['feeder:whf-1'] });
  await areas.handOver('anna', { targets: ['feeder:owd-1', 'feeder:owd-2'], to: 'bert', reason: 'shift' });
  await areas.handOver('carl', { targets: ['feeder:whf-1'], to: 'anna', reason: 'shift' });
  await refused(() => areas.decline('carl', { targets: ALL, reason: 'not mine' }), 'LS-API-005');
  await refused(() => areas.decline('bert', { targets: ['feeder:whf-1'], reason: 'not mine' }), 'LS-API-005');
  const before = holders();
  const left = await areas.decline('bert', { targets: ['substation:owd', 'feeder:whf-1'], reason: 'alone tonight' });
  assert.deepEqual(
    left.map(({ target, holder, offer }) => [target, holder, offer]),
    [
      ['feeder:owd-1', 'anna', null],
      ['feeder:owd-2', 'anna', null],
    ],
  );
  assert.deepEqual(holders(), before);
  const [loss, ...more] = areas.view().losses;
  assert.deepEqual(more, []);
  assert.deepEqual(
    [loss!.holder, loss!.how, loss!.by, loss!.reason, loss!.areas],
    ['anna', 'declined', 'bert', 'alone tonight', ['feeder:owd-1', 'feeder:owd-2']],
  );
  assert.equal(events.at(-1)!.text, 'bert declines owd-1, owd-2 of anna: alone tonight');
  await refused(() => areas.decline('bert', { targets: ['feeder:owd-1'], reason: 'again' }), 'LS-API-005');
  await refused(() => areas.take('bert', { targets: ['feeder:owd-1'] }), 'LS-DESK-006');
  await areas.seen('anna', loss!.id);
  assert.equal(events.at(-1)!.text, 'anna has seen that owd-1, owd-2 was declined by bert');
  await areas.take('anna', { targets: ['feeder:whf-1'] });
});

test('the newest fifty losses of an absent holder are kept', async () => {
  const { areas } = rig();
  for (let turn = 0; turn < 60; turn++)
    await areas.take(turn % 2 === 0 ? 'anna' : 'bert', { targets: ['feeder:owd-1'], reason: `turn ${turn}` });
  for (let turn = 60; turn < 130; turn++)
    await areas.take(turn % 2 === 0 ? 'carl' : 'bert', { targets: ['feeder:owd-1'], reason: `turn ${turn}` });
  const bert = areas.view().losses.filter(({ holder }) => holder === 'bert');
  assert.equal(bert.length, 50);
  assert.equal(bert.at(-1)!.reason, 'turn 128');
});

test('holders and offers survive a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-areas-'));
  const first = rig(join(folder, 'areas.sqlite'));
  await first.areas.take('anna', { targets: ['substation:owd'] });
  await first.areas.handOver('anna', { targets: ['feeder:owd-1'], to: 'bert', reason: 'works' });
  await first.areas.take('carl', { targets: ['feeder:owd-2'], reason: 'works' });
  const before = [first.areas.all(), first.areas.view().losses];
  assert.equal(first.areas.view().losses.length, 1);
  first.store.close();
  const second = rig(join(folder, 'areas.sqlite'));
  await second.areas.start();
  assert.deepEqual([second.areas.all(), second.areas.view().losses], before);
  assert.deepEqual(second.areas.view().absent, ['carl']);
  second.store.close();
  rmSync(folder, { recursive: true });
});

test('of concurrent takers of an area one gets it, also across desks', async () => {
  const users = ['anna', 'bert', 'carl', 'dora', 'emil', 'fine'];
  for (const isShared of [true, false]) {
    const first = rig();
    const desks = users.map(() => (isShared ? first : rig('', first.store)));
    const targets = ['feeder:owd-1'];
    const done = await Promise.allSettled(desks.map(({ areas }, at) => areas.take(users[at]!, { targets })));
    assert.equal(done.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const each of done)
      if (each.status === 'rejected') assert.equal((each.reason as LoadstoneError).code, 'LS-DESK-006');
    const holder = users[done.findIndex(({ status }) => status === 'fulfilled')];
    for (const { holders } of desks) assert.equal(holders()['feeder:owd-1'], holder);
    assert.equal(new Set(desks).size === 1 ? first.events.length : desks.flatMap(({ events }) => events).length, 1);
  }
});

test('property: an area has one holder at most, each loss is explained, and only holders act in held areas', async () => {
  const user = fc.constantFrom('anna', 'bert', 'carl');
  const target = fc.constantFrom(...ALL, 'substation:owd', 'feeder:owd-1', 'feeder:whf-2');
  const act = fc.oneof(
    fc.record({ kind: fc.constant('take' as const), user, target, reason: fc.option(fc.constant('because')) }),
    fc.record({ kind: fc.constant('free' as const), user, target }),
    fc.record({ kind: fc.constant('over' as const), user, target, to: user }),
    fc.record({ kind: fc.constant('decline' as const), user, target }),
    fc.record({ kind: fc.constant('release' as const), user, target }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 20 }), async (acts) => {
      const { areas, holders } = rig();
      for (const each of acts) {
        const before = areas.all();
        try {
          const targets = [each.target];
          if (each.kind === 'take') await areas.take(each.user, { targets, reason: each.reason ?? undefined });
          if (each.kind === 'free') await areas.take(each.user, { targets, freeOnly: true });
          if (each.kind === 'over') await areas.handOver(each.user, { targets, to: each.to, reason: 'shift' });
          if (each.kind === 'decline') await areas.decline(each.user, { targets, reason: 'busy' });
          if (each.kind === 'release') await areas.release(each.user, { targets, reason: 'done' });
        } catch (error) {
          assert.ok(error instanceof LoadstoneError);
          assert.deepEqual(areas.all(), before, 'a refused act changes nothing');
        }
        for (const { target: unit, holder, offer } of before) {
          const now = holders()[unit];
          if (holder === null || now === holder) continue;
          const let_go = each.user === holder && each.kind === 'release';
          const given = now === each.user && offer?.to === each.user;
          const over = now === each.user && each.kind === 'take' && each.reason !== null;
          const isNotified = areas
            .view()
            .losses.some((loss) => loss.holder === holder && loss.by === each.user && loss.areas.includes(unit));
          if (!let_go && !given) assert.ok(isNotified, `${holder} is not notified about ${unit}`);
          assert.ok(let_go || given || over, `${unit}: ${holder} to ${now} by ${JSON.stringify(each)}`);
        }
      }
      for (const name of ['anna', 'bert', 'carl'])
        for (const [unit, holder] of Object.entries(holders())) {
          const acts = (() => {
            try {
              areas.assertOpen([name], unit);
              return true;
            } catch {
              return false;
            }
          })();
          // Whoever may act on a substation may act on its feeders too.
          const open = holder === null || holder === name;
          if (unit.startsWith('feeder:')) assert.equal(acts, open);
          else if (acts) assert.ok(open);
        }
    }),
  );
});
