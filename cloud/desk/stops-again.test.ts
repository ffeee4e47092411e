import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { actsRig, refused, storesLate } from './testing/acts-rig.ts';

test('a stop that did not arrive is resent when the gateway is back; a lifted one is not', async () => {
  const { clock, acts, owd } = actsRig();
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

test('a stop that cannot be resent is reported and does not block others', async () => {
  const { acts, world, owd } = actsRig();
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

test('a stop known only from its readback is not resent', async () => {
  const { clock, acts, world } = actsRig();
  await acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'stop it');
  await clock.advance(1000);
  const { documents } = world;
  const reports = documents.reports.bind(documents);
  mock.method(documents, 'reports', async (document: Parameters<typeof reports>[0]) =>
    (await reports(document)).map((report) => ({ ...report, stage: 'verified' })),
  );
  await acts.onBorn('owd-01');
  await clock.advance(1000);
  assert.equal((await documents.list('command', 'owd-01', 9)).length, 1, 'it may have been lifted on site');
});

test('a stop lifted while its progress is being read is not resent', async () => {
  const { clock, acts, world, owd } = actsRig();
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

test('a stop lifted while it is being stored is not resent', async () => {
  const { clock, acts, world, owd } = actsRig();
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

test('a resume is not sent after a newer stop', async () => {
  const { clock, acts, world, owd } = actsRig();
  const stored = storesLate(world);
  const lifted = refused(() => acts.ask('anna', { kind: 'resume', target: 'substation:owd' }, 'over'), 'LS-API-005');
  await stored.begun;
  await acts.ask('bert', { kind: 'stop', target: 'substation:owd' }, 'smoke');
  stored.end();
  await lifted;
  await clock.advance(1000);
  assert.ok(owd.state.stopped.gateway);
});
