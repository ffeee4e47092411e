import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { awaitsLimit, failsafe, rungOf } from './ladder.ts';
import { initialState, resumed, type FailsafeState } from './state.ts';

interface Spell {
  readonly seconds: number;
  /** Whether a heartbeat comes each second. */
  readonly beats: boolean;
  /** A limit arrives in the first second. */
  readonly limit?: boolean;
}

interface Played {
  readonly state: FailsafeState;
  readonly ageS: number;
  readonly limitAgeS: number | null;
}

const START: Played = { state: { active: true, heldS: 0, fromStart: true }, ageS: 1e9, limitAgeS: null };

function play(from: Played, { seconds, beats, limit = false }: Spell): Played {
  let { state, ageS, limitAgeS } = from;
  for (let second = 0; second < seconds; second++) {
    ageS = (beats ? 0 : ageS) + 1;
    limitAgeS = limit && second === 0 ? 1 : limitAgeS === null ? null : limitAgeS + 1;
    state = failsafe(state, { heartbeatAgeS: ageS, lostAfterS: 120, gridLimitAgeS: limitAgeS, stepS: 1 });
  }
  return { state, ageS, limitAgeS };
}

test('the fail-safe starts 120 s after the last heartbeat and ends with a heartbeat and a later limit only', () => {
  const rows: [Spell, active: boolean, awaits: boolean, why: string][] = [
    [{ seconds: 100, beats: false }, true, false, 'it holds from the start'],
    [{ seconds: 1, beats: true }, false, false, 'no loss yet: the first heartbeat ends it'],
    [{ seconds: 10, beats: true, limit: true }, false, false, 'a limit is in force'],
    [{ seconds: 119, beats: false }, false, false, 'silent, not yet lost'],
    [{ seconds: 1, beats: false }, true, false, 'lost after 120 s'],
    [{ seconds: 60, beats: true }, true, true, 'the heartbeat alone does not end it'],
    [{ seconds: 1, beats: true, limit: true }, false, false, 'a limit that follows it does'],
    [{ seconds: 130, beats: false }, true, false, 'lost again'],
    [{ seconds: 7300, beats: false }, true, false, 'it continues after the minimum time'],
    [{ seconds: 48 * 3600, beats: false }, true, false, 'and is never unlimited after its expiry'],
    [{ seconds: 7300, beats: true }, true, true, 'the heartbeat alone never ends it'],
    [{ seconds: 130, beats: false, limit: true }, true, false, 'a limit without a heartbeat ends nothing'],
    [{ seconds: 5, beats: true }, true, true, 'a limit from before the heartbeat does not count'],
    [{ seconds: 1, beats: true, limit: true }, false, false, 'heartbeat and limit are back'],
  ];
  let at = START;
  for (const [spell, active, awaits, why] of rows) {
    at = play(at, spell);
    assert.deepEqual([at.state.active, awaitsLimit(at.state)], [active, awaits], why);
  }
});

test('a restart resumes the fail-safe; otherwise only silence of the cloud starts it', () => {
  const lost = play(play(START, { seconds: 1, beats: true }), { seconds: 300, beats: false });
  const saved = { ...initialState('automatic', 0), failsafe: lost.state };
  const back = resumed(saved, 30_000);
  assert.deepEqual([back.failsafe.active, back.failsafe.fromStart, back.failsafe.heldS], [true, false, 210]);
  const heartbeat = play({ ...lost, state: back.failsafe }, { seconds: 60, beats: true });
  assert.ok(heartbeat.state.active, 'a restart does not end it');
  const well = {
    ...initialState('automatic', 0),
    heartbeatAgeS: 10,
    failsafe: play(START, { seconds: 1, beats: true }).state,
  };
  const soon = resumed(well, 30_000);
  assert.equal(soon.heartbeatAgeS, 40);
  const input = { lostAfterS: 120, gridLimitAgeS: null, stepS: 1 };
  assert.equal(failsafe(soon.failsafe, { ...input, heartbeatAgeS: soon.heartbeatAgeS }).active, false);
  assert.equal(failsafe(soon.failsafe, { ...input, heartbeatAgeS: resumed(well, 600_000).heartbeatAgeS }).active, true);
});

test('property: the fail-safe ends only with a heartbeat and a limit received since', () => {
  const spells = fc.array(
    fc.record({ seconds: fc.integer({ min: 1, max: 400 }), beats: fc.boolean(), limit: fc.boolean() }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(spells, (list) => {
      let at = play(START, { seconds: 1, beats: true });
      for (const spell of list)
        for (let second = 0; second < spell.seconds; second++) {
          const before = at;
          at = play(at, { ...spell, seconds: 1, limit: spell.limit && second === 0 });
          if (!before.state.active || at.state.active) continue;
          assert.ok(at.ageS <= 120 && at.limitAgeS === 1, `it ended at ${at.ageS} s, limit ${at.limitAgeS} s`);
        }
    }),
  );
});

test('the ladder has four rungs: plan, own plan, autonomous, fail-safe', () => {
  const rung = (planInForce: boolean, ownPlan: boolean, failsafeActive: boolean, heartbeatLost: boolean) =>
    rungOf({ planInForce, ownPlan, failsafeActive, heartbeatLost });
  assert.deepEqual(
    [
      rung(true, false, true, true),
      rung(false, true, true, true),
      rung(false, false, true, true),
      rung(false, false, true, false),
    ],
    ['plan', 'own-plan', 'fail-safe', 'autonomous'],
  );
});

test('after ten seconds without a gateway, ramps start from measured power, not from earlier setpoints', () => {
  const saved = { ...initialState('automatic', 0), told: { 'battery-1': -30 }, toldKvar: { 'battery-1': 4 } };
  for (const [now, commandedKw, commandedKvar] of [
    [10_000, saved.told, saved.toldKvar],
    [10_001, {}, {}],
  ] as const) {
    const back = resumed(saved, now);
    assert.deepEqual([back.told, back.toldKvar], [commandedKw, commandedKvar], `${now} ms`);
  }
});
