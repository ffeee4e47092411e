import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../shared/ports/random.ts';
import { CapacitorBank } from './capacitor-bank.ts';
import type { CapacitorSpec } from './spec.ts';

const spec: CapacitorSpec = {
  id: 'bank-1',
  type: 'capacitor-bank',
  bus: 'b',
  feeder: 'f',
  revertAfterS: 300,
  steps: 3,
  stepKvar: 200,
};

/** A bank stepped once a second. */
function rig() {
  const bank = new CapacitorBank(spec);
  let timeMs = 0;
  return {
    bank,
    tell: (capacitorStep: number) => bank.command({ capacitorStep }, timeMs),
    run: (seconds: number, voltagePu = 1) => {
      for (let second = 0; second < seconds; second++) {
        timeMs += 1000;
        bank.step({ timeMs, dtS: 1, voltagePu, sun: 0, random: new SeededRandom(1) });
      }
      return bank.values().capacitorStep;
    },
  };
}

test('a bank injects reactive power by the square of the voltage, in whole steps', () => {
  const { bank, tell, run } = rig();
  assert.equal(run(5), 0);
  assert.equal(bank.reactivePowerKvar, 0);
  tell(2);
  assert.equal(run(3), 2);
  run(1, 1.05);
  assert.ok(Math.abs(bank.reactivePowerKvar + 400 * 1.05 ** 2) < 1e-9, 'negative means injected');
  tell(9);
  assert.equal(run(3), 3);
  tell(1.4);
  assert.equal(run(3), 1);
});

test('a step that was switched off closes again only once discharged', () => {
  const { tell, run } = rig();
  tell(2);
  run(3);
  tell(0);
  assert.equal(run(3), 0);
  tell(2);
  assert.equal(run(590), 0);
  tell(2);
  assert.equal(run(30), 2);
});

test('a bank holds without commands, opens on a dead bus, and resumes from its state', () => {
  const { bank, tell, run } = rig();
  tell(2);
  assert.equal(run(1000), 2);
  const again = new CapacitorBank(spec);
  again.restore(JSON.parse(JSON.stringify(bank.snapshot())));
  again.step({ timeMs: 2e6, dtS: 1, voltagePu: 1, sun: 0, random: new SeededRandom(1) });
  assert.equal(again.values().capacitorStep, 2);
  assert.equal(again.moves, 2);
  assert.equal(run(1, 0), 0);
  assert.equal(bank.reactivePowerKvar, 0);
});
