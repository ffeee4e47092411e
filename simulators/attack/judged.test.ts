import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judged } from './attack.ts';
import { runAttacks } from './run.ts';
import { Stage } from './stage.ts';
import { UplinkPlace } from './uplink-place.ts';
import { endlessHandshake } from './groups/handshake.ts';
import { mqttFloods } from './groups/mqtt-floods.ts';

test('what is neither the refusal nor what the attacker wants cannot be judged', () => {
  const of = (seen: string) => judged(seen, /^403$/, /^200$/);
  assert.deepEqual(of('403'), { refused: true, seen: '403' });
  assert.deepEqual(of('200'), { refused: false, seen: '200' });
  assert.throws(() => of('500'), /500/);
  assert.deepEqual(judged('500', /^403$/), { refused: false, seen: '500' });
});

test('a target that is not reached has refused nothing', async () => {
  // The port of "tcpmux", which nobody serves.
  const stage = new Stage({ uplink: new UplinkPlace('127.0.0.1', 1) });
  const floods = mqttFloods.attacks.filter(({ id }) => /connect-200-mb|garbage/.test(id));
  const verdicts = await runAttacks([endlessHandshake, { ...mqttFloods, attacks: floods }], stage);
  assert.equal(verdicts.length, 4);
  for (const { seen, outcome, attack } of verdicts) {
    assert.equal(outcome, 'open', attack.id);
    assert.match(seen, /^not judged: the port of the uplinks is not reached/, attack.id);
  }
});
