import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { CommandDocument } from '../../shared/contracts/document.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import { ActingWorld } from './testing/acting-world.ts';

const START = Date.UTC(2021, 8, 25, 10);

function rig() {
  const clock = new VirtualClock(START);
  const world = new ActingWorld(testRegion('owd', 'whf'), clock);
  const { acts } = world.desk;
  return { clock, world, acts, owd: world.gateways.get('owd-01')!, whf: world.gateways.get('whf-01')! };
}

const refused = (act: () => unknown, code: string) =>
  assert.rejects(
    async () => act(),
    (error: { code?: string }) => error.code === code,
  );
const noPlan = () => undefined;

test('one person stops the region at once; lifting takes two', async () => {
  const { clock, acts, owd, whf } = rig();
  const { commands } = await acts.ask('anna', { kind: 'stop', target: 'region:north' }, 'smoke at the busbar');
  assert.equal(commands.length, 2);
  await clock.advance(1000);
  assert.ok(owd.state.stopped.gateway && whf.state.stopped.gateway);
  const { approval, commands: none } = await acts.ask('anna', { kind: 'resume', target: 'region:north' }, 'it is out');
  assert.deepEqual(none, []);
  await clock.advance(1000);
  assert.ok(owd.state.stopped.gateway);
  await refused(() => acts.decide('anna', approval!.id, { approve: true, why: 'myself' }), 'LS-DESK-005');
  const answer = await acts.decide('bert', approval!.id, { approve: true, why: 'seen' });
  assert.deepEqual(
    answer.commands.map(({ user, approver }) => [user, approver]),
    [
      ['anna', 'bert'],
      ['anna', 'bert'],
    ],
  );
  await clock.advance(1000);
  assert.equal(owd.state.stopped.gateway || whf.state.stopped.gateway, false);
  await refused(() => acts.decide('bert', approval!.id, { approve: true, why: 'again' }), 'LS-API-005');
});

test('an approval that reaches no gateway stays open and is given again when the gateway is back', async () => {
  const { clock, acts, owd } = rig();
  await acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'stop it');
  await clock.advance(1000);
  const { approval } = await acts.ask('anna', { kind: 'resume', target: 'region:north' }, 'it is out');
  owd.link = 'down';
  await refused(() => acts.decide('bert', approval!.id, { approve: true, why: 'seen' }), 'LS-DESK-003');
  assert.equal((await acts.approval(approval!.id)).state, 'waiting');
  owd.link = 'up';
  await acts.decide('bert', approval!.id, { approve: true, why: 'seen' });
  await clock.advance(1000);
  assert.equal(owd.state.stopped.gateway, false);
});

test('raised limits need a second person and an expiry; an unapproved request lapses', async () => {
  const { clock, acts, owd } = rig();
  const act = { kind: 'emergency', target: 'substation:owd', durationS: 3600 } as const;
  const first = await acts.ask('anna', act, 'neighbour is out');
  await acts.decide('bert', first.approval!.id, { approve: false, why: 'not needed' });
  const late = await acts.ask('anna', act, 'neighbour is out');
  await clock.advance(15 * 60_000 + 1);
  assert.equal((await acts.approval(late.approval!.id)).state, 'expired');
  await refused(() => acts.decide('bert', late.approval!.id, { approve: true, why: 'late' }), 'LS-API-005');
  assert.deepEqual(owd.state.emergency ?? [], []);
  const good = await acts.ask('anna', act, 'neighbour is out');
  await acts.decide('bert', good.approval!.id, { approve: true, why: 'agreed' });
  await clock.advance(1000);
  const { emergencyUntil } = acts.view(noPlan).substations[0]!;
  assert.ok(emergencyUntil !== null && emergencyUntil > clock.plant.now() + 3_590_000);
});

test('a request by a clock that was ahead is void once the clock is right: it waits for no day', async () => {
  const { clock, acts, owd } = rig();
  clock.step(86_400_000);
  const act = { kind: 'emergency', target: 'substation:owd', durationS: 3600 } as const;
  const { approval } = await acts.ask('anna', act, 'neighbour is out');
  clock.step(-86_400_000);
  await clock.advance(30 * 60_000);
  assert.equal((await acts.approval(approval!.id)).state, 'expired');
  await refused(() => acts.decide('bert', approval!.id, { approve: true, why: 'late' }), 'LS-API-005');
  assert.deepEqual(owd.state.emergency ?? [], []);
});

test('a stop that did not arrive is sent again when the gateway is back; a lifted one is not', async () => {
  const { clock, acts, owd } = rig();
  owd.link = 'down';
  await acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'stop it');
  await refused(() => acts.ask('anna', { kind: 'tag', target: 'feeder:owd-1' }, 'works'), 'LS-DESK-003');
  await clock.advance(600_000);
  owd.link = 'up';
  await acts.onBorn('owd-01');
  await clock.advance(1000);
  assert.ok(owd.state.stopped.gateway);
  await acts.ask('anna', { kind: 'resume', target: 'substation:owd' }, 'over');
  await clock.advance(1000);
  await acts.onBorn('owd-01');
  await clock.advance(1000);
  assert.equal(owd.state.stopped.gateway, false);
});

test('a stop goes out while nothing can be kept, and no other act does; all of it is kept in order afterwards', async () => {
  const { clock, acts, owd, world } = rig();
  const { documents, store } = world;
  await acts.ask('anna', { kind: 'tag', target: 'feeder:owd-1' }, 'works');
  await clock.advance(1000);
  const full = async (): Promise<never> => {
    throw new Error('database or disk is full');
  };
  const mocks = [
    mock.method(store, 'keep', full),
    mock.method(documents, 'addOnce', full),
    mock.method(documents, 'signed', full),
  ];
  const { commands } = await acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'smoke at the busbar');
  await acts.ask('bert', { kind: 'stop', target: 'substation:owd' }, 'smoke too');
  await clock.advance(1000);
  assert.deepEqual([commands[0]?.user, owd.state.stopped.gateway], ['anna', true]);
  await assert.rejects(acts.ask('anna', { kind: 'untag', target: 'feeder:owd-1' }, 'done'), /disk is full/);
  for (const each of mocks) each.mock.restore();
  await acts.ask('anna', { kind: 'resume', target: 'substation:owd' }, 'it is out');
  await clock.advance(1000);
  assert.equal(owd.state.stopped.gateway, false);
  const { items } = await world.desk.commands(9);
  assert.deepEqual(
    items.map(({ kind, user }) => `${kind} ${user}`),
    ['resume anna', 'stop bert', 'stop anna', 'tag anna'],
  );
  const sent = await documents.list('command', 'owd-01', 9);
  assert.deepEqual(
    sent.map(({ document }) => [document.sequence, document.type === 'command' && document.body.kind]),
    [
      [4, 'resume'],
      [3, 'stop'],
      [2, 'stop'],
      [1, 'tag'],
    ],
  );
});

test('a stop goes out while the stores answer nothing at all, and is kept as soon as they do', async () => {
  const { clock, acts, owd, world } = rig();
  const { documents, outbox, desk } = world;
  await acts.ask('anna', { kind: 'tag', target: 'feeder:owd-1' }, 'works');
  await clock.advance(1000);
  const back = databaseAway(world);
  const { commands } = await acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'smoke at the busbar');
  assert.deepEqual([commands[0]?.kind, desk.waiting, outbox.waiting], ['stop', 1, 1]);
  await assert.rejects(desk.settle(), /away/);
  await assert.rejects(outbox.settle(), /away/);
  back();
  await Promise.all([desk.settle(), outbox.settle(), desk.settle(), outbox.settle()]);
  assert.deepEqual([desk.waiting, outbox.waiting], [0, 0]);
  await clock.advance(1000);
  assert.ok(owd.state.stopped.gateway);
  const epoch = await documents.epoch('owd-01');
  const [sent] = await documents.list('command', 'owd-01', 9);
  assert.deepEqual([sent?.document.epoch, sent?.document.sequence], [epoch, 2], 'no epoch is used up');
  assert.deepEqual(
    (await desk.commands(9)).items.map(({ kind }) => kind),
    ['stop', 'tag'],
  );
});

test('a stop leaves within two seconds while no store answers for half a minute, and is kept once', async () => {
  const { clock, acts, owd, world } = rig();
  const { documents, outbox, desk } = world;
  await acts.ask('anna', { kind: 'tag', target: 'feeder:owd-1' }, 'works');
  await clock.advance(1000);
  const late = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.machine.after(30_000, resolve);
    return promise;
  };
  const back = answering(world, late);
  const left = Promise.withResolvers<CommandDocument>();
  mock.method(owd, 'take', left.resolve);
  /** What is not done at a moment goes on at the next. */
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 250) {
      await clock.advance(250);
      await setImmediate();
    }
  };
  const begun = clock.plant.now();
  const asked = acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'smoke at the busbar');
  await pass(2000);
  const sent = await left.promise;
  assert.deepEqual([clock.plant.now() - begun, sent.sequence, sent.body.kind], [2000, 2, 'stop']);
  await pass(1000);
  assert.equal((await asked).commands[0]?.id, sent.body.id);
  await pass(120_000);
  back();
  await Promise.all([desk.settle(), outbox.settle()]);
  assert.deepEqual([desk.waiting, outbox.waiting], [0, 0]);
  assert.deepEqual(
    (await desk.commands(9)).items.map(({ kind }) => kind),
    ['stop', 'tag'],
  );
  assert.deepEqual(
    (await documents.list('command', 'owd-01', 9)).map(({ document }) => document.sequence),
    [2, 1],
  );
});

test('the first stop of a gateway is refused in bounded time while no store answers', async () => {
  const { clock, acts, world } = rig();
  const back = answering(world, () => new Promise(() => {}));
  const asked = acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'smoke').then(
    () => 'given',
    (error: { code?: string }) => error.code,
  );
  for (let at = 0; at < 3000; at += 250) {
    await clock.advance(250);
    await setImmediate();
  }
  assert.equal(await Promise.race([asked, setImmediate('hangs')]), 'LS-API-009');
  back();
});

test('a stop goes out while the stores hang to a gateway that has not reported yet, once its number was read', async () => {
  const { clock, acts, world, owd } = rig();
  await world.outbox.learn(['owd-01']);
  const back = answering(world, () => new Promise(() => {}));
  const left = Promise.withResolvers<CommandDocument>();
  mock.method(owd, 'take', left.resolve);
  void acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'smoke');
  for (let at = 0; at < 3000; at += 250) {
    await clock.advance(250);
    await setImmediate();
  }
  assert.equal((await left.promise).sequence, 1);
  back();
});

test('a stop whose keeping was not answered is kept once, and holds up no other act', async () => {
  const { acts, owd, world, clock } = rig();
  const { store, desk } = world;
  const keep = store.keep.bind(store);
  const lost: typeof store.keep = async (command) => {
    await keep(command);
    throw new Error('the answer was lost');
  };
  mock.method(store, 'keep', lost, { times: 1 });
  const { commands } = await acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'smoke at the busbar');
  assert.equal(desk.waiting, 1);
  await acts.ask('anna', { kind: 'tag', target: 'feeder:whf-1' }, 'works');
  assert.equal(desk.waiting, 0);
  const { items } = await desk.commands(9);
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ['tag', 'stop'],
  );
  assert.equal(items[1]?.id, commands[0]?.id);
  await clock.advance(1000);
  assert.ok(owd.state.stopped.gateway);
});

test('a stop that its gateway rejects before it was kept has ended once it is', async () => {
  const { clock, acts, world } = rig();
  const { store, desk } = world;
  const full = mock.method(store, 'keep', async () => {
    throw new Error('database or disk is full');
  });
  const { commands } = await acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'stop it');
  full.mock.restore();
  const { id } = commands[0]!;
  const time = Math.round(clock.plant.now());
  await desk.onReport({ version: 1, type: 'command', id, epoch: 1, sequence: 1, stage: 'rejected', time });
  assert.deepEqual([desk.waiting, (await store.command(id))?.endedAt], [0, time]);
});

test('while the database is away a gateway that is back is given each stop that it does not have, and no other', async () => {
  const { clock, acts, world, owd } = rig();
  await acts.ask('anna', { kind: 'stop', target: 'feeder:owd-2' }, 'this one comes');
  await clock.advance(1000);
  owd.link = 'down';
  await acts.ask('anna', { kind: 'stop', target: 'feeder:owd-1' }, 'these do not');
  await acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'these do not');
  owd.link = 'up';
  const back = databaseAway(world);
  const taken = mock.method(owd, 'take');
  await acts.onBorn('owd-01');
  const given = () => taken.mock.calls.map(({ arguments: [{ body }] }) => body.feeder ?? 'all');
  assert.deepEqual(given().toSorted(), ['all', 'owd-1']);
  back();
  await clock.advance(1000);
  assert.ok(owd.state.stopped.gateway);
});

test('a stop that came while no store answers, and was lifted on site, is not given again', async () => {
  const { clock, acts, world, owd, whf } = rig();
  await acts.ask('anna', { kind: 'tag', target: 'feeder:owd-1' }, 'works');
  await acts.ask('anna', { kind: 'tag', target: 'feeder:whf-1' }, 'works');
  await clock.advance(1000);
  owd.deaf = whf.deaf = true;
  const back = databaseAway(world);
  const { commands } = await acts.ask('anna', { kind: 'stop', target: 'region:north' }, 'smoke at the busbar');
  const taken = [owd, whf].map((gateway) => mock.method(gateway, 'take'));
  const came = { version: 1, type: 'command', epoch: 1, sequence: 2, stage: 'applied' } as const;
  const time = Math.round(clock.plant.now());
  // A gateway tells of its own commands alone.
  for (const { id } of commands) world.desk.heard('owd-01', { ...came, id, time });
  await acts.onBorn('owd-01');
  await acts.onBorn('whf-01');
  assert.deepEqual(
    taken.map(({ mock: { calls } }) => calls.length),
    [0, 1],
  );
  back();
});

test('a stop that cannot be given again holds up no other, and is told', async () => {
  const { acts, world, owd } = rig();
  owd.link = 'down';
  await acts.ask('anna', { kind: 'stop', target: 'feeder:owd-1' }, 'stop it');
  await acts.ask('anna', { kind: 'stop', target: 'feeder:owd-2' }, 'stop it');
  owd.link = 'up';
  const taken = mock.method(owd, 'take');
  mock.method(world.outbox, 'command', () => Promise.reject(new Error('the broker is away')), { times: 1 });
  await assert.rejects(acts.onBorn('owd-01'), /the broker is away/);
  assert.deepEqual(
    taken.mock.calls.map(({ arguments: [{ body }] }) => body.feeder),
    ['owd-2'],
  );
});

test('a stop of which only the readback was heard is not sent again', async () => {
  const { clock, acts, world } = rig();
  await acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'stop it');
  await clock.advance(1000);
  const { documents } = world;
  const reports = documents.reports.bind(documents);
  mock.method(documents, 'reports', async (document: Parameters<typeof reports>[0]) =>
    (await reports(document)).map((report) => ({ ...report, stage: 'verified' })),
  );
  await acts.onBorn('owd-01');
  await clock.advance(1000);
  assert.equal((await documents.list('command', 'owd-01', 9)).length, 1, 'somebody at the site may have lifted it');
});

test('a stop that is lifted while its way is looked up does not go out again', async () => {
  const { clock, acts, world, owd } = rig();
  owd.deaf = true;
  await acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'stop it');
  owd.deaf = false;
  const late = Promise.withResolvers<void>();
  mock.method(world.documents, 'byId', () => late.promise, { times: 1 });
  const born = acts.onBorn('owd-01');
  await acts.ask('anna', { kind: 'resume', target: 'substation:owd' }, 'over');
  late.resolve();
  await born;
  await clock.advance(1000);
  assert.equal(owd.state.stopped.gateway, false);
});

test('a stop that is lifted while it is being stored does not go out again', async () => {
  const { clock, acts, world, owd } = rig();
  owd.deaf = true;
  await acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'stop it');
  owd.deaf = false;
  const stored = storesLate(world);
  const born = acts.onBorn('owd-01');
  await stored.begun;
  await acts.ask('anna', { kind: 'resume', target: 'substation:owd' }, 'over');
  stored.end();
  await born;
  await clock.advance(1000);
  assert.equal(owd.state.stopped.gateway, false);
});

test('what lifts a stop does not go out behind a newer stop', async () => {
  const { clock, acts, world, owd } = rig();
  const stored = storesLate(world);
  const lifted = refused(() => acts.ask('anna', { kind: 'resume', target: 'substation:owd' }, 'over'), 'LS-API-005');
  await stored.begun;
  await acts.ask('bert', { kind: 'stop', target: 'substation:owd' }, 'smoke');
  stored.end();
  await lifted;
  await clock.advance(1000);
  assert.ok(owd.state.stopped.gateway);
});

const CALLS = [
  'addOnce',
  'epoch',
  'newestNumber',
  'signed',
  'compressed',
  'byId',
  'raiseEpoch',
  'report',
  'reports',
] as const;

/** No store answers, until what it returns is called. */
const databaseAway = (world: ActingWorld): (() => void) =>
  answering(world, async () => {
    throw new Error('the database is away');
  });

/** Each call waits for `answer` before it is done, until what it returns is called. */
function answering({ store, documents }: ActingWorld, answer: () => Promise<void>): () => void {
  const slow = (of: object, call: string) => {
    const real = Reflect.get(of, call) as (...args: unknown[]) => unknown;
    return mock.method(of as Record<string, () => unknown>, call, async (...args: unknown[]) => {
      await answer();
      return Reflect.apply(real, of, args);
    });
  };
  const mocks = [slow(store, 'keep'), ...CALLS.map((call) => slow(documents, call))];
  return () => {
    for (const each of mocks) each.mock.restore();
  };
}

/** The next command is stored at once, but its store answers later. */
function storesLate({ store }: ActingWorld): { readonly begun: Promise<void>; readonly end: () => void } {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const keep = store.keep.bind(store);
  const late: typeof store.keep = async (command) => {
    const kept = await keep(command);
    begun.resolve();
    await ended.promise;
    return kept;
  };
  mock.method(store, 'keep', late, { times: 1 });
  return { begun: begun.promise, end: () => ended.resolve() };
}

test("modes, tags and stops of a feeder show the gateway's state; an unknown target is refused", async () => {
  const { clock, acts, world } = rig();
  await acts.ask('anna', { kind: 'mode', target: 'feeder:owd-1', mode: 'manual' }, 'works');
  await acts.ask('anna', { kind: 'tag', target: 'device:owd-01/pv-1' }, 'works');
  await acts.ask('anna', { kind: 'stop', target: 'feeder:owd-2' }, 'works');
  await clock.advance(1000);
  assert.deepEqual(
    acts.view(noPlan).substations[0]!.feeders.map(({ mode, stopped, tagged }) => ({ mode, stopped, tagged })),
    [
      { mode: 'manual', stopped: 0, tagged: 1 },
      { mode: 'automatic', stopped: 1, tagged: 0 },
    ],
  );
  const rows = (state: 'tagged' | 'stopped') =>
    world.devices.page({ state, limit: 9, from: 0 }).items.map(({ id }) => id);
  assert.deepEqual([rows('tagged'), rows('stopped')], [['owd-01/pv-1'], ['owd-01/ev-1']]);
  await refused(() => acts.ask('anna', { kind: 'tag', target: 'region:north' }, 'all'), 'LS-API-007');
  await refused(() => acts.ask('anna', { kind: 'stop', target: 'feeder:nowhere' }, 'all'), 'LS-API-004');
});
