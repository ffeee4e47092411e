import type { Metric } from '../../../../shared/contracts/frame.ts';
import { VirtualClock } from '../../../../shared/time/virtual-clock.ts';
import { birthOf, POWER, SET, testBench } from './test-node.ts';

export const START = Date.UTC(2021, 8, 25);

/** A battery with known births: 40 kW, 55 % and a setpoint of 12 kW. */
export const alive = async (options = {}) => {
  const clock = new VirtualClock(START);
  const bench = testBench(clock, options);
  await bench.node.nbirth();
  await bench.node.dbirth(birthOf(bench.node, { [POWER]: 40_000, SoC: 55, [SET]: 12_000 }));
  const value = (metric: Metric) => bench.driver.read().get(metric)?.value;
  const ageS = (metric: Metric) => (clock.plant.elapsed() - bench.driver.read().get(metric)!.receivedMs) / 1000;
  return { clock, ...bench, value, ageS };
};
