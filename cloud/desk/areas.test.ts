import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import { AreaStore } from './area-store.ts';
import { Areas } from './areas.ts';

const region = testRegion('owd', 'whf');
const ALL = [`region:${region.id}`];

function rig(path = ':memory:') {
  const store = new AreaStore(path);
  store.open();
  const told: LoadstoneEvent[] = [];
  /** Who may act where; absent: everywhere. */
  const barred = new Set<string>();
  const areas = new Areas({
    region,
    store,
    now: () => 1_000,
    mayHold: (user, target) => !barred.has(user) && !barred.has(`${user} ${target}`),
    signedIn: () => ['anna'],
    report: (event) => told.push(event),
  });
  const holders = () => Object.fromEntries(areas.all().map(({ target, holder }) => [target, holder]));
  return { areas, store, told, barred, holders };
}

const refused = (act: () => unknown, code: string) =>
  assert.throws(act, (error: unknown) => error instanceof LoadstoneError && error.code === code);

test('what nobody holds is open to all and taken with one call; where somebody holds, others do not act', () => {
  const { areas, told, holders } = rig();
  for (const user of ['anna', 'bert']) areas.assertOpen([user], 'device:owd-01/battery-1');
  areas.take('anna', { targets: ALL, freeOnly: true });
  assert.deepEqual(new Set(Object.values(holders())), new Set(['anna']));
  for (const target of [...ALL, 'substation:owd', 'feeder:owd-1', 'device:owd-01/battery-1']) {
    areas.assertOpen(['anna'], target);
    refused(() => areas.assertOpen(['bert'], target), 'LS-DESK-006');
  }
  refused(() => areas.assertNotElsewhere('bert', 'feeder:owd-1'), 'LS-DESK-006');
  assert.deepEqual(
    told.map(({ code, severity }) => [code, severity]),
    [['area.taken', 'info']],
  );
});

test('one feeder of another is taken over with a reason; a whole substation then needs both', () => {
  const { areas, told, holders } = rig();
  areas.take('anna', { targets: ['substation:owd'] });
  refused(() => areas.take('bert', { targets: ['feeder:owd-1'] }), 'LS-DESK-006');
  areas.take('bert', { targets: ['feeder:owd-1'], reason: 'works on the line' });
  assert.deepEqual([holders()['feeder:owd-1'], holders()['feeder:owd-2']], ['bert', 'anna']);
  assert.match(told.at(-1)!.text, /bert takes owd-1 from anna: works on the line/);
  refused(() => areas.assertOpen(['anna'], 'substation:owd'), 'LS-DESK-006');
  areas.assertOpen(['anna', 'bert'], 'substation:owd');
  areas.assertPart('bert', 'substation:owd');
  refused(() => areas.assertPart('carl', 'substation:owd'), 'LS-DESK-006');
  areas.take('carl', { targets: ALL, freeOnly: true });
  assert.deepEqual([holders()['feeder:owd-1'], holders()['feeder:whf-1']], ['bert', 'carl']);
});

test('a hand-over waits for the other, who takes it with one call; until then the holder holds and can take it back', () => {
  const { areas, told, barred, holders } = rig();
  areas.take('anna', { targets: ['substation:owd'] });
  const over = { targets: ['substation:owd'], to: 'bert', reason: 'end of the shift' };
  refused(() => areas.handOver('bert', over), 'LS-DESK-006');
  refused(() => areas.handOver('anna', { ...over, to: 'anna' }), 'LS-API-007');
  barred.add('bert feeder:owd-2');
  refused(() => areas.handOver('anna', over), 'LS-API-007');
  barred.clear();
  assert.equal(areas.handOver('anna', over)[0]!.offer!.to, 'bert');
  areas.assertOpen(['anna'], 'substation:owd');
  refused(() => areas.take('carl', { targets: ['feeder:owd-1'] }), 'LS-DESK-006');
  areas.take('anna', { targets: ['feeder:owd-2'] });
  areas.take('bert', { targets: ALL, freeOnly: true });
  const { 'substation:owd': station, 'feeder:owd-1': first, 'feeder:owd-2': second } = holders();
  assert.deepEqual([station, first, second], ['bert', 'bert', 'anna'], 'what was taken back is not offered any more');
  assert.deepEqual(
    told.map(({ code }) => code),
    ['area.taken', 'area.offered', 'area.taken'],
  );
});

test('nobody holds where they may not act: not taken, and lost with the right; who keeps the users frees what is left', () => {
  const { areas, told, barred, holders } = rig();
  barred.add('anna feeder:whf-1');
  refused(() => areas.take('anna', { targets: ALL }), 'LS-API-003');
  areas.take('anna', { targets: ALL, freeOnly: true });
  assert.deepEqual([holders()['feeder:whf-1'], holders()['substation:whf']], [null, 'anna']);
  areas.take('bert', { targets: ['feeder:whf-1'] });
  barred.add('anna');
  areas.sweep();
  assert.deepEqual(new Set(Object.values(holders())), new Set([null, 'bert']));
  assert.match(told.at(-1)!.text, /^Nobody holds owd, owd-1, owd-2, whf and 1 more: anna may not act there/);
  assert.equal(told.at(-1)!.severity, 'medium');
  areas.free('eva', { targets: ALL, reason: 'bert has gone home' });
  assert.deepEqual(new Set(Object.values(holders())), new Set([null]));
  refused(() => areas.take('anna', { targets: ['feeder:nowhere'] }), 'LS-API-004');
  assert.deepEqual(
    areas.view().losses.map(({ holder, how, by, areas: lost }) => [holder, how, by, lost.length]),
    [
      ['anna', 'barred', null, 5],
      ['bert', 'freed', 'eva', 1],
    ],
  );
});

test('who loses areas to another is told until they have seen it; what was offered or let go is no loss', () => {
  const { areas, told } = rig();
  areas.take('anna', { targets: ['substation:owd'] });
  areas.take('carl', { targets: ['feeder:whf-1'] });
  areas.take('bert', { targets: ['feeder:owd-1', 'feeder:owd-2', 'feeder:whf-1', 'feeder:whf-2'], reason: 'storm' });
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
  refused(() => areas.seen('bert', losses[0]!.id), 'LS-API-004');
  assert.deepEqual(areas.seen('anna', losses[0]!.id), losses[0]);
  assert.equal(told.at(-1)!.text, 'anna has seen that owd-1, owd-2 was taken by bert');
  refused(() => areas.seen('anna', losses[0]!.id), 'LS-API-004');
  areas.seen('carl', losses[1]!.id);
  areas.handOver('bert', { targets: ['feeder:owd-1'], to: 'anna', reason: 'over' });
  areas.take('anna', { targets: ['feeder:owd-1'] });
  areas.release('bert', { targets: ['feeder:owd-2'], reason: 'over' });
  areas.free('bert', { targets: ['feeder:whf-2'], reason: 'own' });
  assert.deepEqual(areas.view().losses, []);
});

test('what is offered is declined with a reason: it stays with who holds it, who is told until they have seen it', () => {
  const { areas, told, holders } = rig();
  areas.take('anna', { targets: ['substation:owd'] });
  areas.take('carl', { targets: ['feeder:whf-1'] });
  areas.handOver('anna', { targets: ['feeder:owd-1', 'feeder:owd-2'], to: 'bert', reason: 'shift' });
  areas.handOver('carl', { targets: ['feeder:whf-1'], to: 'anna', reason: 'shift' });
  refused(() => areas.decline('carl', { targets: ALL, reason: 'not mine' }), 'LS-API-005');
  refused(() => areas.decline('bert', { targets: ['feeder:whf-1'], reason: 'not mine' }), 'LS-API-005');
  const before = holders();
  const left = areas.decline('bert', { targets: ['substation:owd', 'feeder:whf-1'], reason: 'alone tonight' });
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
  assert.equal(told.at(-1)!.text, 'bert declines owd-1, owd-2 of anna: alone tonight');
  refused(() => areas.decline('bert', { targets: ['feeder:owd-1'], reason: 'again' }), 'LS-API-005');
  refused(() => areas.take('bert', { targets: ['feeder:owd-1'] }), 'LS-DESK-006');
  areas.seen('anna', loss!.id);
  assert.equal(told.at(-1)!.text, 'anna has seen that owd-1, owd-2 was declined by bert');
  areas.take('anna', { targets: ['feeder:whf-1'] });
});

test('of what somebody lost while they were away the newest fifty are kept', () => {
  const { areas } = rig();
  for (let turn = 0; turn < 60; turn++)
    areas.take(turn % 2 === 0 ? 'anna' : 'bert', { targets: ['feeder:owd-1'], reason: `turn ${turn}` });
  for (let turn = 60; turn < 130; turn++)
    areas.take(turn % 2 === 0 ? 'carl' : 'bert', { targets: ['feeder:owd-1'], reason: `turn ${turn}` });
  const bert = areas.view().losses.filter(({ holder }) => holder === 'bert');
  assert.equal(bert.length, 50);
  assert.equal(bert.at(-1)!.reason, 'turn 128');
});

test('who holds what outlives a restart, with what is offered', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-areas-'));
  const first = rig(join(folder, 'areas.sqlite'));
  first.areas.take('anna', { targets: ['substation:owd'] });
  first.areas.handOver('anna', { targets: ['feeder:owd-1'], to: 'bert', reason: 'works' });
  first.areas.take('carl', { targets: ['feeder:owd-2'], reason: 'works' });
  const before = [first.areas.all(), first.areas.view().losses];
  assert.equal(first.areas.view().losses.length, 1);
  first.store.close();
  const second = rig(join(folder, 'areas.sqlite'));
  assert.deepEqual([second.areas.all(), second.areas.view().losses], before);
  assert.deepEqual(second.areas.view().absent, ['carl']);
  second.store.close();
  rmSync(folder, { recursive: true });
});

test('whatever people do, in any order: an area has one holder at most, nobody loses one without a reason, and in what is held only holders act', () => {
  const user = fc.constantFrom('anna', 'bert', 'carl');
  const target = fc.constantFrom(...ALL, 'substation:owd', 'feeder:owd-1', 'feeder:whf-2');
  const act = fc.oneof(
    fc.record({ kind: fc.constant('take' as const), user, target, reason: fc.option(fc.constant('because')) }),
    fc.record({ kind: fc.constant('free' as const), user, target }),
    fc.record({ kind: fc.constant('over' as const), user, target, to: user }),
    fc.record({ kind: fc.constant('decline' as const), user, target }),
    fc.record({ kind: fc.constant('release' as const), user, target }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
      const { areas, holders } = rig();
      for (const each of acts) {
        const before = areas.all();
        try {
          const targets = [each.target];
          if (each.kind === 'take') areas.take(each.user, { targets, reason: each.reason ?? undefined });
          if (each.kind === 'free') areas.take(each.user, { targets, freeOnly: true });
          if (each.kind === 'over') areas.handOver(each.user, { targets, to: each.to, reason: 'shift' });
          if (each.kind === 'decline') areas.decline(each.user, { targets, reason: 'busy' });
          if (each.kind === 'release') areas.release(each.user, { targets, reason: 'done' });
        } catch (error) {
          assert.ok(error instanceof LoadstoneError);
          assert.deepEqual(areas.all(), before, 'what is refused changes nothing');
        }
        for (const { target: unit, holder, offer } of before) {
          const now = holders()[unit];
          if (holder === null || now === holder) continue;
          const let_go = each.user === holder && each.kind === 'release';
          const given = now === each.user && offer?.to === each.user;
          const over = now === each.user && each.kind === 'take' && each.reason !== null;
          const isTold = areas
            .view()
            .losses.some((loss) => loss.holder === holder && loss.by === each.user && loss.areas.includes(unit));
          if (!let_go && !given) assert.ok(isTold, `${holder} is not told of ${unit}`);
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
          // In a substation acts who acts on its feeders too.
          const open = holder === null || holder === name;
          if (unit.startsWith('feeder:')) assert.equal(acts, open);
          else if (acts) assert.ok(open);
        }
    }),
  );
});
