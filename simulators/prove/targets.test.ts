import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tripTimeS } from '../plant/relay.ts';
import { JUDGED, readProtocol, type ArmId } from './protocol.ts';
import type { ArmRun } from './run-arm.ts';
import type { Relief } from './site-score.ts';
import type { Tested } from './statements.ts';
import { targetsOf } from './targets.ts';

const { protocol } = readProtocol();
const calm: Relief = {
  feeder: 'hal-1',
  share: 1,
  limitS: 10,
  pickUpS: 2,
  beyondKw: 0,
  overshootPu: 0,
  relayS: 30,
  tripped: false,
};

interface Given {
  readonly scenario?: string;
  readonly trips?: number;
  readonly eur?: number;
  readonly relief?: readonly Partial<Relief>[];
}
const run = (arm: ArmId, seed: number, { scenario = 'ordinary', trips = 0, eur = 0, relief = [] }: Given): ArmRun =>
  ({
    arm,
    seed,
    scenario,
    outcome: { trips, costEur: { [JUDGED]: eur }, relief: relief.map((each) => ({ ...calm, ...each })) },
  }) as unknown as ArmRun;

const statement = (verdict: Tested['verdict'], why = ''): Tested => ({ id: verdict, says: '', p: 0, verdict, why });
const verdicts = (runs: readonly ArmRun[], statements: readonly Tested[] = []): Record<string, string> =>
  Object.fromEntries(targetsOf({ runs, scored: runs, statements, protocol }).map(({ id, verdict }) => [id, verdict]));
const of = (id: string, relief: readonly Partial<Relief>[]): string | undefined =>
  verdicts([run('F', 1, { relief })])[id];

test('a trip counts against F where the relay left time for relief', () => {
  assert.equal(of('trips-with-time', [{ tripped: false }]), 'met');
  assert.equal(of('trips-with-time', [{ tripped: true, relayS: 30 }]), 'not met');
  assert.equal(of('trips-with-time', [{ tripped: true, relayS: 4 }, {}]), 'met');
  assert.equal(of('trips-with-time', []), 'not tested');
});

test('elsewhere F trips no more than both C and E', () => {
  const verdict = (f: number, c: number, e: number): string | undefined => {
    const relief = [{ tripped: true, relayS: 4 }];
    const runs = [run('C', 1, { trips: c }), run('E', 1, { trips: e }), run('F', 1, { trips: f, relief })];
    return verdicts(runs)['trips-elsewhere'];
  };
  assert.deepEqual([verdict(1, 1, 2), verdict(2, 1, 2)], ['met', 'not met']);
  assert.equal(verdicts([run('F', 1, {})])['trips-elsewhere'], 'not tested');
});

test('all statements must hold, in runs that confirm something', () => {
  const verdict = (...statements: Tested[]): string | undefined => verdicts([], statements)['statements'];
  assert.equal(verdict(statement('holds'), statement('holds')), 'met');
  assert.equal(verdict(statement('holds'), statement('inconclusive')), 'not met');
  assert.equal(verdict(statement('inconclusive', 'a quick tier')), 'not tested');
});

test('regret is a ratio of sums on ordinary days and a median on the others', () => {
  const runs = (scenario: string, eur: readonly number[]): ArmRun[] =>
    eur.flatMap((each, at) => [
      run('A', at + 1, { scenario, eur: 110 }),
      run('F', at + 1, { scenario, eur: 10 + each }),
      run('H', at + 1, { scenario, eur: 10 }),
    ]);
  assert.equal(verdicts(runs('ordinary', [0, 19]))['regret-ordinary'], 'met');
  assert.equal(verdicts(runs('ordinary', [0, 21]))['regret-ordinary'], 'not met');
  assert.equal(verdicts(runs('heat', [0, 24, 400]))['regret-stressed'], 'met');
  assert.equal(verdicts(runs('heat', [0, 26, 400]))['regret-stressed'], 'not met');
  assert.equal(verdicts(runs('heat', [0]))['regret-ordinary'], 'not tested');
});

test('regret leaves out runs in which foresight was no bound, and says so', () => {
  const found = (...eur: readonly number[]): (string | undefined)[] => {
    const runs = eur.flatMap((each, at) => [
      run('A', at + 1, { eur: 110 }),
      run('F', at + 1, { eur: each }),
      run('H', at + 1, { eur: 10 }),
    ]);
    const target = targetsOf({ runs, scored: runs, statements: [], protocol }).find(
      ({ id }) => id === 'regret-ordinary',
    );
    return [target?.verdict, target?.found];
  };
  assert.deepEqual(found(10, 20), ['met', '5 %']);
  const none = 'in which the hybrid cost less than foresight, which is no bound there';
  assert.deepEqual(found(0, 21), ['not met', `11 %; left out: 1 of 2 runs, ${none}`], 'it does not pay for the other');
  assert.deepEqual(found(8), ['not tested', `left out: 1 of 1 runs, ${none}`]);
});

test('relief counts spikes that the devices could relieve, and one that never ended is the longest', () => {
  assert.equal(of('relief-access', [{ limitS: 20 }]), 'met');
  assert.equal(of('relief-access', [{ limitS: 21 }]), 'not met');
  assert.equal(of('relief-access', [{}, { limitS: null }]), 'not met');
  assert.equal(of('relief-access', [{}, { limitS: 300, beyondKw: 50 }]), 'met');
  assert.equal(of('relief-wired', [{}]), 'not tested');
});

test('relief leaves out spikes that never passed the limit, and is not tested without others', () => {
  const harmless = Array.from({ length: 20 }, () => ({ limitS: 0 }));
  assert.equal(of('relief-access', [...harmless, { limitS: 300 }]), 'not met');
  assert.equal(of('relief-access', harmless), 'not tested');
});

test('overshoot is the highest voltage after a spike at feeders that did not trip, with the shortfall', () => {
  const band = protocol.unit.planningBandPu[1];
  assert.equal(of('overshoot', [{ overshootPu: 1.09 - band }]), 'met');
  assert.equal(of('overshoot', [{ overshootPu: 1.12 - band }]), 'not met');
  assert.equal(of('overshoot', [{ overshootPu: 1.12 - band, tripped: true }, {}]), 'met');
  const foundAt = (overshootPu: number): string => {
    const runs = [run('F', 1, { relief: [{ overshootPu }] })];
    return targetsOf({ runs, scored: runs, statements: [], protocol }).find(({ id }) => id === 'overshoot')!.found;
  };
  assert.equal(foundAt(1.12 - band), '1.1200 pu at the highest');
  assert.equal(foundAt(0), `none above the planning band, ${band} pu`);
});

test('the time of the relay is that of the standard inverse curve, and endless up to the pick-up', () => {
  assert.equal(tripTimeS(1.2), Infinity);
  assert.ok(Math.abs(tripTimeS(2.4) - 0.042 / (2 ** 0.02 - 1)) < 1e-9);
});
