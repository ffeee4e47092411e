import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { bad } from '../../shared/outcome/outcome.ts';
import { actsRig, refused } from './testing/acts-rig.ts';

const noPlan = () => undefined;

test('one person can stop the region at once; lifting the stop takes two', async () => {
  const { clock, acts, owd, whf } = actsRig();
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

test('an act that fails at one gateway reports which gateways got it and which did not, also after approval', async () => {
  const { clock, acts, world, owd, whf } = actsRig();
  const { outbox } = world;
  const command = outbox.command.bind(outbox);
  const failing = mock.method(outbox, 'command', async (given: Parameters<typeof command>[0]) =>
    given.gateway === 'whf-01' ? bad('LS-DOC-009', 'whf-01 cannot read it') : command(given),
  );
  const inPart = (kind: string) => ({
    code: 'LS-DESK-008',
    message: `${kind} was sent to owd-01, but not to whf-01 (whf-01 cannot read it)`,
  });
  await assert.rejects(acts.ask('anna', { kind: 'stop', target: 'region:north' }, 'smoke'), inPart('stop'));
  await clock.advance(1000);
  assert.deepEqual([owd.state.stopped.gateway, whf.state.stopped.gateway], [true, false]);
  const { approval } = await acts.ask('anna', { kind: 'resume', target: 'region:north' }, 'it is out');
  await assert.rejects(acts.decide('bert', approval!.id, { approve: true, why: 'seen' }), inPart('resume'));
  const { items } = await world.desk.commands(9);
  assert.deepEqual(
    items.filter(({ gateway }) => gateway === 'owd-01').map(({ kind }) => kind),
    ['resume', 'stop'],
  );
  await refused(() => acts.ask('anna', { kind: 'stop', target: 'substation:whf' }, 'smoke'), 'LS-DOC-009');
  failing.mock.restore();
});

test('an approved act that was sent to nobody waits again, and the second approval performs it', async () => {
  const { clock, acts, world, owd } = actsRig();
  await acts.ask('anna', { kind: 'stop', target: 'substation:owd' }, 'stop it');
  await clock.advance(1000);
  const { approval } = await acts.ask('anna', { kind: 'resume', target: 'region:north' }, 'it is out');
  const failing = mock.method(world.outbox, 'command', async () => bad('LS-STORE-001', 'the disk is full'));
  await refused(() => acts.decide('bert', approval!.id, { approve: true, why: 'seen' }), 'LS-STORE-001');
  failing.mock.restore();
  const { state, decidedBy } = await acts.approval(approval!.id);
  assert.deepEqual([state, decidedBy], ['waiting', null]);
  await acts.decide('carl', approval!.id, { approve: true, why: 'seen' });
  await clock.advance(1000);
  assert.equal(owd.state.stopped.gateway, false);
});

test('a request whose gateway is unreachable stays open and can be approved once the gateway is back', async () => {
  const { clock, acts, owd } = actsRig();
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
  const { clock, acts, owd } = actsRig();
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

test('raised limits of a feeder are found by the meter at its head, whatever their names are', async () => {
  const { clock, acts, owd, world } = actsRig();
  const [substation] = world.sources.region.substations;
  const element = 'owd-2-l1';
  substation!.meters = [
    { device: 'feeder-7', kind: 'feeder-head', element, feeder: 'owd-2', errorPct: 0.25, intervalS: 1 },
  ];
  const expiresAt = clock.plant.now() + 3_600_000;
  owd.state = { ...owd.state, emergency: [{ id: 'cmd-1', element: 'feeder-7', expiresAt }] };
  const [one, two] = acts.view(noPlan).substations[0]!.feeders;
  assert.deepEqual([one!.emergencyUntil, two!.emergencyUntil], [null, expiresAt]);
});

test('a request made while the clock was a day ahead expires once the clock is set back', async () => {
  const { clock, acts, owd } = actsRig();
  clock.step(86_400_000);
  const act = { kind: 'emergency', target: 'substation:owd', durationS: 3600 } as const;
  const { approval } = await acts.ask('anna', act, 'neighbour is out');
  clock.step(-86_400_000);
  await clock.advance(30 * 60_000);
  assert.equal((await acts.approval(approval!.id)).state, 'expired');
  await refused(() => acts.decide('bert', approval!.id, { approve: true, why: 'late' }), 'LS-API-005');
  assert.deepEqual(owd.state.emergency ?? [], []);
});

test('modes, tags and stops of a feeder are those the gateway reports; an unknown target is refused', async () => {
  const { clock, acts, world } = actsRig();
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
