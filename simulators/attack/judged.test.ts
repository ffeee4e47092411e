import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judged, refused, type Attack } from './attack.ts';
import { runAttacks } from './run.ts';
import { Stage } from './stage.ts';
import type { Started } from './started.ts';
import { UplinkPlace } from './uplink-place.ts';
import { endlessHandshake } from './groups/handshake.ts';
import { mqttFloods } from './groups/mqtt-floods.ts';

test('an answer that is neither the refusal nor a success of the attacker cannot be judged', () => {
  const of = (seen: string) => judged(seen, /^403$/, /^200$/);
  assert.deepEqual(of('403'), { refused: true, seen: '403' });
  assert.deepEqual(of('200'), { refused: false, seen: '200' });
  assert.throws(() => of('500'), /500/);
  assert.deepEqual(judged('500', /^403$/), { refused: false, seen: '500' });
});

test('an unreachable target does not count as a refusal', async () => {
  // The port of "tcpmux", which nobody serves.
  const stage = new Stage({ uplink: new UplinkPlace('127.0.0.1', 1) });
  const floods = mqttFloods.attacks.filter(({ id }) => /connect-200-mb|garbage/.test(id));
  const verdicts = await runAttacks([endlessHandshake, { ...mqttFloods, attacks: floods }], stage);
  assert.equal(verdicts.length, 4);
  for (const { seen, outcome, attack } of verdicts) {
    assert.equal(outcome, 'open', attack.id);
    assert.match(seen, /^not judged: the uplink port cannot be reached/, attack.id);
  }
});

test('an overdue attack is never charged to another attack', async () => {
  const ended = Promise.withResolvers<void>();
  const attack = (id: string, run: Attack['run']): Attack => {
    return { id, title: id, requirements: [], expected: 'refused', run };
  };
  const within = { cpuMs: 1e6, memoryMb: 1e6 };
  const attacks = [
    attack('endless', async () => {
      await ended.promise;
      return refused('at last');
    }),
    attack('unbound', async () => refused('403')),
    {
      ...attack('bound', async () => {
        ended.resolve();
        return refused('403');
      }),
      within,
    },
    { ...attack('later', async () => refused('403')), within },
  ];
  const ourselves = new Stage({ gateway: { isRunning: true, pid: process.pid } as Started });
  const verdicts = await runAttacks([{ ...mqttFloods, attacks }], ourselves, { mostS: 0.01 });
  assert.deepEqual(
    verdicts.map(({ outcome, seen, cost }) => [outcome, seen, cost !== undefined]),
    [
      ['open', 'no end within 0.01 s', true],
      ['refused', '403, while endless still ran', false],
      ['open', 'not judged: 403, while endless still ran', false],
      ['refused', '403', true],
    ],
  );
});
