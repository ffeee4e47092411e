import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { DeviceSpec } from '../control/model.ts';
import { evSpec } from '../control/testing/specs.ts';
import { clampPower } from './clamp.ts';
import type { Layer } from './limits.ts';
import { runLayer, runOf } from './run-time.ts';
import type { RunState } from '../control/safety-memory.ts';

const RUN = { minOnS: 30, minOffS: 20, leastKw: 4 } as const;
/** A heat pump of 4 to 10 kW with a power setpoint. */
const pump = (more: Partial<DeviceSpec> = {}): DeviceSpec =>
  evSpec({
    id: 'pump-1',
    type: 'flexible-load',
    authority: 'direct',
    lever: 'power',
    rating: { minKw: 0, maxKw: 10 },
    floorKw: 0,
    safeKw: 0,
    run: RUN,
    ...more,
  });

interface Cycle {
  readonly stepS?: number;
  readonly wish: number;
  readonly seen?: number | null;
  readonly layers?: readonly Layer[];
}

/** The chain as in a cycle: setpoint and measurement, then the clamp. */
class Chain {
  state: RunState | undefined;
  commandedKw: number | null = null;
  readonly #spec: DeviceSpec;

  constructor(spec: DeviceSpec) {
    this.#spec = spec;
  }

  cycle({ stepS = 5, wish, seen = null, layers = [] }: Cycle) {
    const spec = this.#spec;
    this.state = runOf(this.state, spec, { commandedKw: this.commandedKw, seenKw: seen, stepS });
    const run = runLayer(spec, this.state, this.commandedKw);
    const result = clampPower({ spec, wishedKw: wish, lastKw: this.commandedKw, stepS, socPct: null, run, layers });
    this.commandedKw = result.kw;
    return result;
  }
}

const guard = (maxKw: number): Layer => ({ name: 'guard', range: { minKw: -Infinity, maxKw }, reason: 'guard' });

test('a power-controlled load keeps its minimum on and off times, whatever is commanded', () => {
  const chain = new Chain(pump());
  const rows: [cycle: Cycle, kw: number, reason: RegExp, losers?: string[]][] = [
    [{ wish: 0 }, 0, /^$/],
    [{ wish: 10 }, 0, /minimum off time: 20 s left/], // commanded 0 and seen for the first time: counts as just stopped
    [{ wish: 10, stepS: 15 }, 0, /minimum off time: 5 s left/],
    [{ wish: 10 }, 10, /^$/],
    [{ wish: 0 }, 4, /minimum on time: 30 s left/],
    [{ wish: 3 }, 4, /minimum on time: 25 s left/],
    [{ wish: 8, layers: [guard(2)] }, 4, /minimum on time: 20 s left|guard/, ['guard']],
    [{ wish: 8, layers: [guard(6)] }, 6, /guard/],
    [{ wish: 0, stepS: 10 }, 4, /minimum on time: 5 s left/],
    [{ wish: 0 }, 0, /^$/],
    [{ wish: 10 }, 0, /minimum off time: 20 s left/],
    [{ wish: Number.NaN, stepS: 20 }, 0, /^$/],
    [{ wish: 3 }, 3, /^$/], // below its least power it is off
    [{ wish: 10, seen: 0 }, 10, /^$/],
    [{ wish: 0, seen: 0 }, 4, /minimum on time: 30 s left/], // its meter lags
  ];
  for (const [at, [cycle, kw, reason, losers = []]] of rows.entries()) {
    const result = chain.cycle(cycle);
    assert.equal(result.kw, kw, `row ${at}: ${JSON.stringify(chain.state)}`);
    assert.match(result.reason, reason, `row ${at}`);
    assert.deepEqual(
      result.losers.map(({ name }) => name),
      losers,
      `row ${at}`,
    );
  }
});

test('a load with its own switching counts by its measured state until a limit turns it off', () => {
  const chain = new Chain(pump({ lever: 'import-limit' }));
  const rows: [cycle: Cycle, kw: number, on: boolean | undefined][] = [
    [{ wish: 10 }, 10, undefined],
    [{ wish: 10, seen: 0 }, 10, false], // off by itself: the limit stays open for its own controller
    [{ wish: 10, seen: 9 }, 10, true],
    [{ wish: 0, seen: 9 }, 4, true],
    [{ wish: 0, seen: null, stepS: 20 }, 4, true], // silent: the state continues
    [{ wish: 0, seen: 4 }, 0, true],
    [{ wish: 10, seen: 4 }, 0, false], // commanded to stop: a late meter does not count as running
    [{ wish: 10, seen: 0, stepS: 19 }, 0, false],
    [{ wish: 10, seen: 0, stepS: 1 }, 10, false],
    [{ wish: 0, seen: 0 }, 0, false], // it had not started: no minimum on time
  ];
  for (const [at, [cycle, kw, on]] of rows.entries()) {
    assert.equal(chain.cycle(cycle).kw, kw, `row ${at}: ${JSON.stringify(chain.state)}`);
    assert.equal(chain.state?.on, on, `row ${at}`);
  }
});

test('property: a load is never switched before its minimum time, whatever the inputs', () => {
  const cycle = fc.record({
    stepS: fc.constantFrom(0, 0.25, 1, 7, 40),
    wish: fc.oneof(fc.double({ min: -20, max: 20 }), fc.constantFrom(Number.NaN, Infinity, -0)),
    seen: fc.constantFrom(null, 0, 3, 4, 10),
    layers: fc.array(fc.double({ min: -5, max: 12, noNaN: true }).map(guard), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(cycle, { minLength: 2, maxLength: 60 }), (cycles) => {
      const chain = new Chain(pump());
      let before: boolean | undefined;
      let forS = 0;
      for (const each of cycles) {
        forS += each.stepS;
        const { kw } = chain.cycle(each);
        const on = kw >= RUN.leastKw;
        if (on === before) continue;
        if (before !== undefined)
          assert.ok(forS >= (before ? RUN.minOnS : RUN.minOffS) - 1e-9, `switched after ${forS} s`);
        [before, forS] = [on, 0];
      }
    }),
    { numRuns: 1000 },
  );
});

test('a load without minimum times is unchanged', () => {
  const spec = pump({ run: null });
  assert.equal(runOf(undefined, spec, { commandedKw: 10, seenKw: 10, stepS: 1 }), undefined);
  assert.equal(runLayer(spec, { on: true, forS: 0 }, 10), null);
});
