import { goodNetwork, type NetworkFaults } from '../sim/sim-network.ts';
import type { Course } from './course.ts';

const READING = /\/state$/;
const HEAD = /^(transformer|feeder-\d+)\/state$/;

/** Faults of one way over the WAN. They split equally over the two legs through the simulated broker. */
export function oneWay({ latencyS, lossShare }: Course['wan']): NetworkFaults {
  const legMs = (latencyS * 1000) / 2;
  return { ...goodNetwork, drop: 1 - Math.sqrt(1 - lossShare), delayMs: [0.7 * legMs, 1.3 * legMs] };
}

/**
 * Faults of the readings of a guard in the cloud, which runs on site here: its readings travel to the cloud and its commands back, so each
 * reading is delayed by both ways and lost if either way loses. Undefined: no faults. While the WAN is down the guard knows no head, but
 * plan and envelopes continue on site, where the devices are still read.
 */
export function readingFaults(
  topic: string,
  { latencyS, lossShare }: Course['wan'],
  { isUp }: { readonly isUp: boolean },
): NetworkFaults | undefined {
  if (!READING.test(topic)) return undefined;
  const bothWays = oneWay({ latencyS: 2 * latencyS, lossShare: 1 - (1 - lossShare) ** 2 });
  if (isUp) return bothWays;
  return HEAD.test(topic) ? { ...bothWays, drop: 1 } : undefined;
}
