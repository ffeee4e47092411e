import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Metric } from '../../../shared/contracts/frame.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import type { Setpoint, SetpointKey } from '../../control/setpoint.ts';
import type { Driver, WireSpans } from '../driver.ts';
import type { WriteTiming } from '../setpoint-writer.ts';
import type { Sign } from '../sign.ts';

/** Parameters for every driver: 100 kW in both directions, both signs, dead band 1 kW. */
export const TIMING: WriteTiming = { keepAliveS: 10, minIntervalS: 5, deadbandPct: 1 };
export const RATED_KW = 100;
export const SPANS: WireSpans = { activePowerKw: { min: -100, max: 100 } };

/** The simulated device, whose sign convention is `sign`. */
export interface Bench {
  readonly driver: Driver;
  /** The device reports a raw value at a source time. */
  readonly report: (metric: Metric, raw: unknown, timeMs: number) => void | Promise<void>;
  /** Waits for everything the driver has started; absent: it starts nothing by itself. */
  readonly settle?: () => Promise<void>;
  /** Commands received by the device, in its own sign, oldest first. */
  readonly commands: () => readonly { key: SetpointKey; value: number }[];
}

const START = Date.UTC(2021, 8, 25);

export interface Traits {
  /** Values carry the source's own time; otherwise the time of receipt. */
  readonly tellsTime: boolean;
  /** Raw values that its wire can carry but that cannot be valid. */
  readonly impossible: readonly unknown[];
  /** A command key with one direction only; absent: active power with both directions and signs. */
  readonly unidirectionalKey?: SetpointKey;
}

const MESSAGES: Traits = { tellsTime: true, impossible: ['11', true, 1e300, -1e9, { value: 3 }, [4]] };

/** The behaviour that every driver shares, whatever its protocol. */
export function driverConformance(
  name: string,
  make: (clock: VirtualClock, sign: Sign) => Bench | Promise<Bench>,
  { tellsTime, impossible, unidirectionalKey }: Traits = MESSAGES,
): void {
  const key = unidirectionalKey ?? 'activePowerKw';
  const bench = async (sign: Sign = 'consumption-positive') => {
    const clock = new VirtualClock(START);
    const made = await make(clock, sign);
    const hold = async (setpoint: Setpoint, urgent: boolean): Promise<void> => {
      await made.driver.hold(setpoint, urgent);
      await made.settle?.();
    };
    return { clock, ...made, hold };
  };

  test(`${name}: reads the newest value with its source and receipt times`, async () => {
    const { clock, driver, report } = await bench();
    assert.equal(driver.read().size, 0);
    await clock.advance(2000);
    await report('activePowerKw', 42.5, START + 1500);
    const sample = driver.read().get('activePowerKw');
    assert.deepEqual(
      [sample?.value, sample?.time, sample?.receivedMs],
      [42.5, START + (tellsTime ? 1500 : 2000), 2000],
    );
  });

  if (unidirectionalKey === undefined) {
    test(`${name}: converts the sign of a generation-positive device in both directions`, async () => {
      const { driver, hold, report, commands } = await bench('generation-positive');
      await report('activePowerKw', 30, START);
      await report('reactivePowerKvar', -5, START);
      await report('activePowerLimitKw', 80, START);
      const values = ['activePowerKw', 'reactivePowerKvar', 'activePowerLimitKw'] as const;
      assert.deepEqual(
        values.map((metric) => driver.read().get(metric)?.value),
        [-30, 5, 80],
      );
      await hold({ activePowerKw: -30 }, false);
      assert.deepEqual(commands(), [{ key: 'activePowerKw', value: 30 }]);
    });
  }

  test(`${name}: refuses and counts impossible values, and keeps the last good one`, async () => {
    const { driver, report } = await bench();
    await report('activePowerKw', 10, START);
    for (const raw of impossible) await report('activePowerKw', raw, START);
    assert.equal(driver.read().get('activePowerKw')?.value, 10);
    assert.equal(driver.counters().refused, impossible.length);
    assert.notEqual(driver.counters().lastRefusal, null);
  });

  if (tellsTime) {
    test(`${name}: an older value does not replace a newer one`, async () => {
      const { clock, driver, report } = await bench();
      await clock.advance(5000);
      await report('activePowerKw', 20, START + 4000);
      await report('activePowerKw', 10, START + 3000);
      assert.equal(driver.read().get('activePowerKw')?.value, 20);
    });

    test(`${name}: a time ten minutes ahead is replaced by the receipt time`, async () => {
      const { clock, driver, report } = await bench();
      await clock.advance(1000);
      await report('activePowerKw', 20, START + 600_000);
      const sample = driver.read().get('activePowerKw');
      assert.deepEqual([sample?.value, sample?.time], [20, START + 1000]);
    });
  }

  test(`${name}: setpoints obey dead band, minimum interval, keep-alive, urgency and release`, async () => {
    const { clock, driver, hold, commands } = await bench();
    const cycles: [atS: number, kW: number | undefined, urgent: boolean, sent: number[], why: string][] = [
      [0, 50, false, [50], 'the first is sent at once'],
      [1, 50, false, [], 'unchanged'],
      [2, 60, false, [], 'least interval of 5 s'],
      [5, 60, false, [60], 'interval is over'],
      [11, 60.5, false, [], 'inside the dead band'],
      [15, 60.5, false, [60.5], 'keep-alive takes the newest'],
      [15.5, 40, true, [], 'relief waits at most 1 s'],
      [16, 40, true, [40], 'relief passes the interval'],
      [17, 39.9, true, [39.9], 'relief passes the dead band'],
      [18, undefined, false, [], 'released: no keep-alive'],
      [30, undefined, false, [], 'still released'],
      [31, 39.9, false, [39.9], 'taken up again at once'],
    ];
    let at = 0;
    for (const [atS, kW, urgent, sent, why] of cycles) {
      await clock.advance((atS - at) * 1000);
      at = atS;
      const before = commands().length;
      await hold(kW === undefined ? {} : { [key]: kW }, urgent);
      assert.deepEqual(
        commands()
          .slice(before)
          .map(({ value }) => value),
        sent,
        `at ${atS} s: ${why}`,
      );
    }
    assert.equal(driver.counters().sent, 6);
  });

  test(`${name}: nothing outside the span is sent`, async () => {
    const { driver, hold, commands } = await bench();
    for (const value of [Number.NaN, Infinity, -Infinity, 100.1, -1e308]) await hold({ [key]: value }, true);
    assert.deepEqual(commands(), []);
    assert.equal(driver.counters().refused, 5);
  });
}
