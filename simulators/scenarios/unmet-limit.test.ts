import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsDocument } from '../../edge/cycle/testing/documents.ts';
import { gatewayOnPlant, type OnPlant } from './testing/gateway-on-plant.ts';

/** Response time of the guard, in one-second cycles. */
const RESPONSE_S = 4;

interface AlarmEvent {
  readonly second: number;
  readonly subject: string | undefined;
  readonly active: boolean | undefined;
  readonly text: string;
}

/**
 * Runs for some seconds. Returns the alarms of limits that cannot be kept, when a limit was first exceeded, and how long until it was met
 * again, s.
 */
async function watched(on: OnPlant, seconds: number) {
  const alarms: AlarmEvent[] = [];
  let heard = on.uplink.of('events').length;
  let pastSince: number | undefined;
  let backAfterS: number | undefined;
  await on.run(seconds, (second) => {
    const past = on.gateway.status().elements.some(({ reason }) => reason.startsWith('past its limit'));
    if (past) pastSince ??= second;
    else if (pastSince !== undefined && isBack(on)) backAfterS ??= second - pastSince;
    const fresh = on.uplink.of('events').slice(heard);
    heard += fresh.length;
    for (const { code, subject, active, text } of fresh.flatMap(({ events }) => events))
      if (code === 'LS-CONTROL-004' && subject?.startsWith('unmet:') === true)
        alarms.push({ second, subject, active, text });
  });
  return { alarms, pastSince, backAfterS };
}

const isBack = ({ gateway }: OnPlant): boolean =>
  gateway.status().elements.every(({ device, activePowerKw }) => device !== 'feeder-1' || activePowerKw! <= 1320);

test('a spike that the guard clears raises no limit alarm, however much relief it takes', async () => {
  const on = await gatewayOnPlant({ id: 'owd', hour: 0, importKw: { 'feeder-1': 1320 } });
  await on.run(300);
  on.plant.spike({ feeder: 'owd-1', share: 2, durationS: 20 });
  const { alarms, pastSince, backAfterS } = await watched(on, 120);
  assert.ok(pastSince !== undefined && on.uplink.eventCodes().includes('guard.relief'), 'the limit was exceeded');
  assert.ok(backAfterS! < 20, `the head is back after ${backAfterS} s, before the spike ends`);
  assert.deepEqual(alarms, []);
  await on.stop();
});

test('a spike it cannot clear raises one alarm once all relief is used; the alarm clears with the spike', async () => {
  const on = await gatewayOnPlant({ id: 'owd', hour: 0, importKw: { transformer: 1600 } });
  // The cloud grants the limit configured on site: the same limit twice.
  const gridLimit = { importKw: 1600, exportKw: 3000 };
  on.uplink.down({ kind: 'document', document: settingsDocument(on.clock.plant.now(), { gridLimit }) });
  await on.run(300);
  on.plant.spike({ feeder: 'owd-1', share: 2, durationS: 120 });
  const { alarms, pastSince } = await watched(on, 400);
  const [came, ...more] = alarms;
  assert.deepEqual([came?.subject, came?.active], ['unmet:transformer', true]);
  assert.match(came!.text, /^transformer at \d+ kW is past its limit of 1600, and no device can relieve it further$/);
  const afterS = came!.second - pastSince!;
  assert.ok(afterS >= RESPONSE_S && afterS < 60, `raised ${afterS} s after the limit was exceeded`);
  const again = more.slice(0, -1).map(({ text }) => text);
  assert.ok(again.length > 0, 'the sentence follows the value');
  for (const text of again) assert.match(text, /^transformer at \d+ kW is past its limit of 1600, and no device/);
  assert.deepEqual(
    [more.at(-1)?.subject, more.filter(({ active }) => active === false).length],
    ['unmet:transformer', 1],
  );
  await on.stop();
});
