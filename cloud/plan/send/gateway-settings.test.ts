import assert from 'node:assert/strict';
import { test } from 'node:test';
import { health } from '../../dashboard/testing/fixture-reports.ts';
import type { SettingsDocument } from '../../../shared/contracts/document.ts';
import type { HealthReport } from '../../../shared/contracts/report.ts';
import type { FaultyMeters } from '../../estimate/faulty-meters.ts';
import { plansOf, reportOn, setUp, settingsOf } from '../testing/dispatch-rig.ts';

test('settings carry the shares of the limit of the region, and are sent once while unchanged', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(30 * 60_000);
  const settings = sent.filter(({ topic }) => topic === 'desiredSettings');
  assert.equal(settings.length, 2);
  const { gridLimit } = (settings[0]!.document as SettingsDocument).body;
  const { schedule, ...limit } = gridLimit!;
  assert.deepEqual(limit, { importKw: 5000, exportKw: 5000 });
  assert.deepEqual(schedule?.after, { importKw: 5000, exportKw: 5000 });
  assert.ok(schedule.importKw.every((kw) => kw === 5000));
  await service.stop();
});

test('a limit sent under a clock a day ahead is sent again once the clock is right', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(10 * 60_000);
  clock.step(86_400_000);
  await clock.advance(60 * 60_000);
  assert.ok(settingsOf(sent, 'aaa-01').at(-1)!.validFrom > clock.plant.now() - 3 * 3_600_000);
  clock.step(-86_400_000);
  await clock.advance(35 * 60_000);
  const { validFrom, validUntil, body } = settingsOf(sent, 'aaa-01').at(-1)!;
  assert.ok(validFrom <= clock.plant.now() && validUntil > clock.plant.now(), new Date(validFrom).toISOString());
  assert.ok(validUntil <= clock.plant.now() + 2 * 3_600_000);
  assert.equal(body.gridLimit?.importKw, 5000);
  await service.stop();
});

test('settings are resent until the gateway reports that it follows them', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(10 * 60_000);
  const last = settingsOf(sent, 'aaa-01').at(-1)!;
  const { settings: _, ...older } = health('aaa', clock.plant.now(), 0);
  const follows = { epoch: last.epoch, sequence: last.sequence };
  const rounds = async (report: HealthReport): Promise<number> => {
    const before = settingsOf(sent, 'aaa-01').length;
    for (let round = 0; round < 3; round++) {
      await clock.advance(20_000);
      await service.onHealth('aaa-01', report);
    }
    return settingsOf(sent, 'aaa-01').length - before;
  };
  assert.equal(await rounds({ ...older, settings: follows }), 0);
  assert.ok((await rounds(older)) > 0);
  assert.ok((await rounds({ ...older, settings: { ...follows, sequence: last.sequence - 1 } })) > 0);
  await service.stop();
});

test('a gateway that waits for a limit after its fail-safe gets the one in force again, once', async () => {
  const { clock, sent, service } = await setUp();
  await clock.advance(10 * 60_000);
  const settings = () => sent.filter(({ topic, gateway }) => topic === 'desiredSettings' && gateway === 'aaa-01');
  const before = settings();
  await service.onReport('aaa-01', reportOn(before.at(-1)!.document, 'accepted'));
  const { epoch, sequence } = plansOf(sent).findLast(({ gateway }) => gateway === 'aaa-01')!.document;
  const report = health('aaa', clock.plant.now(), 0);
  const waiting = { ...report, plan: { ...report.plan, epoch, sequence }, awaitsGridLimit: true };
  for (let tries = 0; tries < 3; tries++) await service.onHealth('aaa-01', waiting);
  const [again, ...more] = settings().slice(before.length);
  const last = before.at(-1)!.document;
  assert.deepEqual([again?.document.body, more.length], [last.body, 0]);
  assert.ok(
    again!.document.sequence > last.sequence,
    'it is a new document, because the old one is not accepted twice',
  );
  await clock.advance(60_000);
  await service.onHealth('aaa-01', { ...waiting, awaitsGridLimit: false });
  assert.equal(
    settings().at(-1)!.document.sequence,
    again!.document.sequence,
    'and no further one once it does not wait',
  );
  await service.stop();
});

test('a faulty meter is reported at once, before any plan, and again to a gateway that was offline', async () => {
  const { clock, sent, service } = await setUp({
    meters: (gateway): FaultyMeters => (gateway === 'aaa-01' ? { transformer: 'reversed' } : {}),
  });
  await clock.advance(100);
  assert.deepEqual(
    sent.map(({ gateway, document }) => [gateway, document.type, document.body]),
    [['aaa-01', 'settings', { meters: { transformer: 'reversed' } }]],
  );
  await service.onBorn('aaa-01');
  await service.onBorn('bbb-01');
  assert.deepEqual(sent[1], sent[0], 'the same bytes, because no gateway had received them');
  const saidTo = (gateway: string): unknown =>
    settingsOf(sent.slice(2), gateway).map(({ body }) => [body.gridLimit?.importKw, body.meters]);
  assert.deepEqual(
    [saidTo('aaa-01'), saidTo('bbb-01')],
    [[[5000, { transformer: 'reversed' }]], [[5000, undefined]]],
    'and with them its share',
  );
  await service.onReport('aaa-01', reportOn(settingsOf(sent, 'aaa-01').at(-1)!, 'accepted'));
  const count = sent.length;
  await service.onBorn('aaa-01');
  assert.equal(sent.length, count, 'not to a gateway that has it');
  await service.stop();
});

test('a gateway that missed its meter findings gets them again on birth', async () => {
  const { clock, sent, service } = await setUp({
    estimate: () => undefined,
    meters: () => ({ transformer: 'reversed' }),
  });
  await clock.advance(10 * 60_000);
  const issued = settingsOf(sent, 'aaa-01');
  assert.equal(issued.length, 2, 'at once and with its share, but not repeatedly to an offline gateway');
  await service.stop();
  await clock.advance(issued[1]!.acceptUntil - clock.plant.now());
  await service.onBorn('aaa-01');
  const again = settingsOf(sent, 'aaa-01').at(-1)!;
  assert.deepEqual([again.sequence, again.body.meters], [issued[1]!.sequence + 1, issued[0]!.body.meters]);
  assert.ok(again.acceptUntil > clock.plant.now());
});

test('a new or withdrawn finding is sent at once, with the limit in force and its validity', async () => {
  let meters: FaultyMeters = {};
  const { clock, sent, service } = await setUp({ meters: () => meters });
  await clock.advance(10 * 60_000);
  const [limit] = settingsOf(sent, 'aaa-01');
  const plans = plansOf(sent).length;
  for (const found of [{ 'aaa-1': 'reversed' }, {}] as const) {
    meters = found;
    service.onMeters('aaa-01');
    service.onMeters('aaa-01');
    await clock.advance(100);
    const newest = settingsOf(sent, 'aaa-01').at(-1)!;
    assert.deepEqual([newest.body, newest.validUntil], [{ ...limit!.body, meters: found }, limit!.validUntil]);
  }
  assert.deepEqual(
    [settingsOf(sent, 'aaa-01').length, plansOf(sent).length],
    [3, plans],
    'each once, without a new plan',
  );
  await service.stop();
});
