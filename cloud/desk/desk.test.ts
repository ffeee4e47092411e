import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandDocument } from '../../shared/contracts/document.ts';
import type { RegionDevice } from '../../shared/contracts/region.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { testRegion } from '../plan/testing/fixture.ts';
import type { Wish } from './selections.ts';
import { checkWish, setpointRanges } from './setpoint-ranges.ts';
import { ActingWorld } from './testing/acting-world.ts';

const START = Date.UTC(2021, 8, 25, 10);

/** Accepted and applied, one step of the scripted gateway each. */
const ANSWERED_MS = 300;

const wish: Wish = {
  gateway: 'owd-01',
  device: 'battery-1',
  setpoint: { activePowerKw: -300 },
  durationS: 900,
  reason: 'relieve the feeder',
};

function rig() {
  const clock = new VirtualClock(START);
  const world = new ActingWorld(testRegion('owd', 'whf'), clock);
  /** Selects, then waits for the gateway's answer. */
  const select = async (over: Partial<Wish> = {}, user = 'anna') => {
    const selected = await world.desk.select(user, { ...wish, ...over });
    await clock.advance(ANSWERED_MS);
    return selected.token;
  };
  const operate = async (over: Partial<Wish> = {}, user = 'anna') => {
    const wanted = { ...wish, ...over };
    return world.desk.operate(user, await select(over, user), wanted);
  };
  return { clock, world, desk: world.desk, select, operate, gateway: world.gateways.get('owd-01')! };
}

const refused = (act: () => unknown, code: string) =>
  assert.rejects(
    async () => act(),
    (error: { code?: string }) => error.code === code,
  );

test('a confirmed override is sent, accepted, applied and verified, each with its time, until it expires', async () => {
  const { clock, desk, world, operate } = rig();
  const { id, state } = await operate();
  assert.equal(state, 'sent');
  const given = START + ANSWERED_MS;
  await clock.advance(1000);
  const view = await desk.command(id);
  assert.equal(view.state, 'verified');
  assert.deepEqual(
    view.stages.map(({ stage, time }) => [stage, time - given]),
    [
      ['accepted', 150],
      ['applied', 300],
      ['verified', 450],
    ],
  );
  assert.deepEqual(
    world.notified.filter((each) => each.id === id).map((each) => each.state),
    ['sent', 'accepted', 'applied', 'verified'],
  );
  assert.equal(world.devices.one('owd-01', 'battery-1')?.override?.id, id);
  await clock.advance(900_000);
  assert.deepEqual(desk.overrides(), []);
  assert.equal(world.devices.one('owd-01', 'battery-1')?.override, null);
});

test('a selection is valid once, for 30 s, for its user, gateway, value and duration', async () => {
  const { clock, desk, select } = rig();
  const used = await select();
  await desk.operate('anna', used, wish);
  await refused(() => desk.operate('anna', used, wish), 'LS-DESK-004');
  await refused(() => desk.operate('anna', 'a-guess', wish), 'LS-DESK-004');
  await refused(async () => desk.operate('bert', await select(), wish), 'LS-DESK-004');
  await refused(
    async () => desk.operate('anna', await select(), { ...wish, setpoint: { activePowerKw: -301 } }),
    'LS-DESK-004',
  );
  await refused(async () => desk.operate('anna', await select(), { ...wish, gateway: 'whf-01' }), 'LS-DESK-004');
  await refused(async () => desk.operate('anna', await select(), { ...wish, durationS: 901 }), 'LS-DESK-004');
  const late = await select();
  await clock.advance(30_001);
  await refused(() => desk.operate('anna', late, wish), 'LS-DESK-004');
});

test('a value that the device cannot take is refused before anything is sent', async () => {
  const { desk, world } = rig();
  for (const [device, setpoint] of [
    ['battery-1', { activePowerKw: -501 }],
    ['battery-1', { activePowerLimitKw: 10 }],
    ['battery-1', {}],
    ['battery-1', { activePowerKw: Number.NaN }],
    ['ev-1', { activePowerLimitKw: 100 }],
    ['tap-1', { voltageTargetPu: 1.2 }],
  ] as const)
    await refused(() => desk.select('anna', { ...wish, device, setpoint }), 'LS-DESK-001');
  await refused(() => desk.select('anna', { ...wish, device: 'nothing' }), 'LS-API-004');
  assert.deepEqual(world.notified, []);
});

test('no command is sent over a lost link or to an unreachable device', async () => {
  const { desk, gateway, select } = rig();
  const token = await select();
  gateway.links.set('battery-1', 'stale');
  await refused(() => desk.operate('anna', token, wish), 'LS-DESK-003');
  gateway.links.clear();
  gateway.link = 'down';
  await refused(() => desk.select('anna', wish), 'LS-DESK-003');
});

test('no command is sent to a gateway that has been silent for a minute', async () => {
  const { clock, desk, gateway, world } = rig();
  world.silent.set('owd-01', { report: gateway.health(), receivedAt: START, heardMs: clock.machine.elapsed() });
  await clock.advance(60_000);
  await desk.select('anna', wish);
  await clock.advance(1);
  await refused(() => desk.select('anna', wish), 'LS-DESK-003');
});

test('a gateway that has just reported can be commanded although plant time jumped, at any speed', async () => {
  const own = new VirtualClock(START);
  let plantMs = START;
  const { machine } = own;
  const clock = { machine, plant: { ...own.plant, now: () => plantMs }, speed: () => 6 };
  const world = new ActingWorld(testRegion('owd', 'whf'), clock);
  const report = world.gateways.get('owd-01')!.health();
  world.silent.set('owd-01', { report, receivedAt: START, heardMs: machine.elapsed() });
  plantMs += 4 * 60_000;
  await own.advance(15_000);
  await world.desk.select('anna', wish);
  await own.advance(1);
  await refused(() => world.desk.select('anna', wish), 'LS-DESK-003');
});

test('a refusal by the gateway is returned with its reason; silence ends as unanswered', async () => {
  const { clock, desk, select, gateway } = rig();
  const token = await select();
  gateway.state = { ...gateway.state, tagged: ['battery-1'] };
  const tagged = await desk.operate('anna', token, wish);
  await clock.advance(1000);
  const view = await desk.command(tagged.id);
  assert.equal(view.state, 'refused');
  assert.match(view.stages.at(-1)!.detail!, /tagged/);
  gateway.state = { ...gateway.state, tagged: [] };
  const again = await select();
  gateway.deaf = true;
  const lost = await desk.operate('anna', again, wish);
  await clock.advance(121_000);
  assert.equal((await desk.command(lost.id)).state, 'unanswered');
  assert.deepEqual(desk.overrides(), []);
});

test('an override can be released, and a newer one replaces an older one', async () => {
  const { clock, desk, operate, gateway } = rig();
  const first = await operate();
  await clock.advance(1000);
  const second = await operate({ setpoint: { activePowerKw: 200 } }, 'bert');
  await clock.advance(1000);
  assert.equal((await desk.command(first.id)).state, 'superseded');
  assert.deepEqual(
    desk.overrides().map(({ id }) => id),
    [second.id],
  );
  await desk.release('anna', second.id, 'no longer needed');
  await clock.advance(1000);
  assert.deepEqual(desk.overrides(), []);
  assert.equal((await desk.command(second.id)).state, 'completed');
  assert.deepEqual(gateway.state.overrides, []);
  await refused(() => desk.release('anna', second.id, 'again'), 'LS-API-004');
  assert.deepEqual(
    (await desk.commands(2)).items.map(({ kind }) => kind),
    ['release', 'override'],
  );
});

const refusedAs = (act: () => Promise<unknown>, detail: RegExp) =>
  assert.rejects(act, (error: { code?: string; message?: string }) => {
    assert.equal(error.code, 'LS-DESK-007');
    assert.match(error.message!, detail);
    return true;
  });

test('a selection can be confirmed once its gateway holds it, and a refusal is reported', async () => {
  const { clock, desk, gateway, operate, select } = rig();
  const { token, command } = await desk.select('anna', wish);
  assert.deepEqual([command?.kind, command?.state, command?.setpoint], ['select', 'sent', wish.setpoint]);
  assert.notEqual(command?.id, token);
  await refusedAs(() => desk.operate('anna', token, wish), /owd-01 has not answered yet/);
  await clock.advance(ANSWERED_MS);
  assert.equal((await desk.command(command!.id)).state, 'applied');
  assert.deepEqual([desk.overrides(), gateway.state.overrides], [[], []]);
  await refusedAs(async () => operate({}, 'bert'), /anna has selected battery-1, for another 30 s at the most/);
  const { id } = await desk.operate('anna', token, wish);
  await clock.advance(1000);
  assert.deepEqual(
    [(await desk.command(id)).state, (await desk.command(command!.id)).state],
    ['verified', 'completed'],
  );
  gateway.state = { ...gateway.state, tagged: ['battery-1'] };
  const barred = await select();
  await refusedAs(() => desk.operate('anna', barred, wish), /owd-01 refuses it: battery-1 is tagged/);
  await refused(() => desk.operate('anna', barred, wish), 'LS-DESK-004');
  gateway.state = { ...gateway.state, tagged: [] };
  const older = await select();
  await select({ setpoint: { activePowerKw: -100 } });
  await refusedAs(() => desk.operate('anna', older, wish), /a newer selection/);
  assert.deepEqual(
    (await desk.commands(9)).items.map(({ kind }) => kind),
    ['override'],
  );
});

test('a released selection is freed at its gateway at once, and its token is void', async () => {
  const { clock, desk, gateway, world, operate } = rig();
  const { token, command } = await desk.select('anna', wish);
  await clock.advance(ANSWERED_MS);
  const { dropped, command: cancel } = await desk.cancel('anna', token, wish);
  assert.deepEqual([dropped, cancel?.kind, cancel?.device, cancel?.user], [true, 'cancel', 'battery-1', 'anna']);
  const { body } = (await world.documents.byId(cancel!.id))!.document as CommandDocument;
  assert.equal(body.selection, command!.id);
  await refused(() => desk.operate('anna', token, wish), 'LS-DESK-004');
  const { id } = await operate({}, 'bert');
  await clock.advance(1000);
  assert.deepEqual([(await desk.command(id)).state, (await desk.command(cancel!.id)).state], ['verified', 'applied']);
  assert.equal((await desk.command(command!.id)).state, 'superseded');
  assert.deepEqual(
    (await world.documents.reports((await world.documents.byId(command!.id))!.document)).map(({ stage }) => stage),
    ['accepted', 'applied', 'superseded'],
  );
  assert.deepEqual(
    (await desk.commands(9)).items.map(({ kind }) => kind),
    ['override'],
  );
  assert.equal(gateway.state.overrides[0]?.user, 'bert');
  assert.deepEqual(await desk.cancel('anna', token, wish), { dropped: false, command: null });
});

test("a release before the gateway's answer is sent after its selection", async () => {
  const { clock, desk, operate } = rig();
  const { token, command } = await desk.select('anna', wish);
  const { command: cancel } = await desk.cancel('anna', token, wish);
  await clock.advance(ANSWERED_MS);
  assert.deepEqual(
    [(await desk.command(command!.id)).state, (await desk.command(cancel!.id)).state],
    ['superseded', 'applied'],
  );
  await operate({}, 'bert');
});

test('only its user can release a selection, for its device; releasing a used or expired one does nothing', async () => {
  const { clock, desk, select } = rig();
  const token = await select();
  await refused(() => desk.cancel('bert', token, wish), 'LS-DESK-004');
  await refused(() => desk.cancel('anna', token, { ...wish, device: 'pv-1' }), 'LS-DESK-004');
  const nothing = { dropped: false, command: null };
  assert.deepEqual(await desk.cancel('anna', 'a-guess', wish), nothing);
  await desk.operate('anna', token, wish);
  assert.deepEqual(await desk.cancel('anna', token, wish), nothing);
  const late = await select();
  await clock.advance(30_001);
  assert.deepEqual(await desk.cancel('anna', late, wish), nothing);
});

test('a cancel is sent only to a reachable gateway that holds the selection; the token is dropped anyway', async () => {
  const { clock, desk, gateway, operate, select, world } = rig();
  const dropped = { dropped: true, command: null };
  const cancelled = async (token: string): Promise<void> => {
    assert.deepEqual(await desk.cancel('anna', token, wish), dropped);
    await refused(() => desk.operate('anna', token, wish), 'LS-DESK-004');
  };
  gateway.cancels = false;
  await cancelled(await select());
  gateway.selects = false;
  await cancelled(await select());
  Object.assign(gateway, { cancels: true, selects: true });
  const cut = await select();
  gateway.link = 'down';
  await cancelled(cut);
  gateway.link = 'up';
  gateway.state = { ...gateway.state, tagged: ['battery-1'] };
  await cancelled(await select());
  gateway.state = { ...gateway.state, tagged: [] };
  const older = await select();
  await select({ setpoint: { activePowerKw: -100 } });
  await cancelled(older);
  assert.deepEqual(
    world.notified.filter(({ kind }) => kind === 'cancel'),
    [],
  );
  await clock.advance(30_000);
  await operate({}, 'bert');
});

test('a wrong confirmation uses up the selection and frees it at the gateway', async () => {
  const { clock, desk, gateway, select, operate } = rig();
  const token = await select();
  await refused(() => desk.operate('anna', token, { ...wish, durationS: 901 }), 'LS-DESK-004');
  await clock.advance(ANSWERED_MS);
  const lost = await select({}, 'bert');
  gateway.links.set('battery-1', 'stale');
  await refused(() => desk.operate('bert', lost, wish), 'LS-DESK-003');
  gateway.links.clear();
  await clock.advance(ANSWERED_MS);
  const { id } = await operate();
  await clock.advance(1000);
  assert.equal((await desk.command(id)).state, 'verified');
});

test('a selection lost in a gateway restart is refused by the gateway', async () => {
  const { clock, desk, gateway, select } = rig();
  const token = await select();
  gateway.restart();
  const { id } = await desk.operate('anna', token, wish);
  await clock.advance(1000);
  const { state, stages } = await desk.command(id);
  assert.deepEqual([state, stages.at(-1)?.code], ['refused', 'LS-CONTROL-010']);
});

test('a gateway without support for selections gets only the override', async () => {
  const { clock, desk, gateway, world } = rig();
  gateway.selects = false;
  const { token, command } = await desk.select('anna', wish);
  assert.equal(command, null);
  const { id } = await desk.operate('anna', token, wish);
  await clock.advance(1000);
  assert.equal((await desk.command(id)).state, 'verified');
  const { body } = (await world.documents.byId(id))!.document as CommandDocument;
  assert.deepEqual(Object.keys(body).toSorted(), ['device', 'expiresAt', 'id', 'kind', 'reason', 'setpoint', 'user']);
});

test('at 60 times plant speed a selection is accepted and held for 30 s of machine time', async () => {
  const machine = new VirtualClock(START);
  const plant = { now: () => START + 60 * machine.machine.elapsed(), elapsed: () => 60 * machine.machine.elapsed() };
  const clock = { machine: machine.machine, plant: { ...machine.plant, ...plant }, speed: () => 60 };
  const { desk } = new ActingWorld(testRegion('owd', 'whf'), clock);
  const longer = { ...wish, durationS: 7200 };
  const { token } = await desk.select('anna', longer);
  await machine.advance(29_000);
  const { id } = await desk.operate('anna', token, longer);
  await machine.advance(1000);
  assert.equal((await desk.command(id)).state, 'verified');
});

test('a capacitor bank takes whole steps, as many as it has', () => {
  const bank: RegionDevice = {
    id: 'bank-1',
    type: 'capacitor-bank',
    name: 'Capacitor bank 1',
    bus: 'b',
    feeder: 'f',
    connectionPoint: 'cp-b',
    authority: 'direct',
    steps: 3,
    stepKvar: 200,
  };
  assert.deepEqual(setpointRanges(bank), [{ key: 'capacitorStep', min: 0, max: 3, unit: 'steps' }]);
  assert.ok(checkWish(bank, { capacitorStep: 3 }).ok);
  for (const capacitorStep of [4, -1, 1.5]) {
    const checked = checkWish(bank, { capacitorStep });
    assert.equal(checked.ok ? undefined : checked.fault.code, 'LS-DESK-001');
  }
});

test('of a concurrent confirmation and release of a selection, one wins', async () => {
  for (const isSlow of [true, false]) {
    const { world, desk, select, clock } = rig();
    const token = await select();
    const read = world.store.selection.bind(world.store);
    let reads = 0;
    world.store.selection = async (hash) => {
      const found = await read(hash);
      if (isSlow && reads++ === 0) await new Promise(setImmediate);
      return found;
    };
    const done = await Promise.allSettled([desk.cancel('anna', token, wish), desk.operate('anna', token, wish)]);
    await clock.advance(ANSWERED_MS);
    const kinds = world.notified.map(({ kind }) => kind).filter((kind) => kind === 'override' || kind === 'cancel');
    assert.deepEqual([...new Set(kinds)], [isSlow ? 'override' : 'cancel']);
    assert.equal(done[1].status, isSlow ? 'fulfilled' : 'rejected');
  }
});
