import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { CommandDocument } from '../../shared/contracts/document.ts';
import { actsRig, answering, databaseAway } from './testing/acts-rig.ts';

test('while the disk is full stops are sent and other acts refused; the stops are stored in order afterwards', async () => {
  const { clock, acts, owd, world } = actsRig();
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

test('a stop is sent while the database is down and stored as soon as it is back', async () => {
  const { clock, acts, owd, world } = actsRig();
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
  assert.deepEqual([sent?.document.epoch, sent?.document.sequence], [epoch, 2], 'the epoch is unchanged');
  assert.deepEqual(
    (await desk.commands(9)).items.map(({ kind }) => kind),
    ['stop', 'tag'],
  );
});

test('a stop is sent within two seconds while each store answer takes half a minute, and is stored once', async () => {
  const { clock, acts, owd, world } = actsRig();
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
  /** Advances in small steps, so that pending work runs in between. */
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

test('the first stop for a gateway is refused in bounded time while no store answers', async () => {
  const { clock, acts, world } = actsRig();
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

test('while the stores hang, a stop is sent to a gateway without reports whose sequence is known', async () => {
  const { clock, acts, world, owd } = actsRig();
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

test('a stop is stored once although the answer of the store was lost, and blocks no other act', async () => {
  const { acts, owd, world, clock } = actsRig();
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

test('a stop rejected by its gateway before it is stored is stored as ended', async () => {
  const { clock, acts, world } = actsRig();
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

test('while the database is down a returning gateway is sent only the stops that it lacks', async () => {
  const { clock, acts, world, owd } = actsRig();
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

test('a stop that arrived while no store answers is not resent, as it may have been lifted on site', async () => {
  const { clock, acts, world, owd, whf } = actsRig();
  await acts.ask('anna', { kind: 'tag', target: 'feeder:owd-1' }, 'works');
  await acts.ask('anna', { kind: 'tag', target: 'feeder:whf-1' }, 'works');
  await clock.advance(1000);
  owd.deaf = whf.deaf = true;
  const back = databaseAway(world);
  const { commands } = await acts.ask('anna', { kind: 'stop', target: 'region:north' }, 'smoke at the busbar');
  const taken = [owd, whf].map((gateway) => mock.method(gateway, 'take'));
  const came = { version: 1, type: 'command', epoch: 1, sequence: 2, stage: 'applied' } as const;
  const time = Math.round(clock.plant.now());
  // A gateway reports only on its own commands.
  for (const { id } of commands) world.desk.heard('owd-01', { ...came, id, time });
  await acts.onBorn('owd-01');
  await acts.onBorn('whf-01');
  assert.deepEqual(
    taken.map(({ mock: { calls } }) => calls.length),
    [0, 1],
  );
  back();
});
