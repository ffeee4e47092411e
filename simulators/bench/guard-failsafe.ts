import type { ShareSchedule } from '../../shared/contracts/share-schedule.ts';
import { SharesHeld } from '../../cloud/plan/send/shares-held.ts';
import { SeededRandom } from '../../shared/ports/random.ts';

const LIMITS = { importKw: 34_000, exportKw: 40_000 };
const GATEWAYS = 10;
const ROUND_MS = 300_000;
const STEPS = 96;
const STEP_S = 900;
/** Share of documents that gateways receive, and of those that they confirm; the rest is lost at random. */
const HEARD = 0.7;
const SAID = 0.5;

/** Largest sum of the shares held by all gateways, connected or silent, over two days of changing shares, % of the region's limit. */
export function failsafeSumPct(): number {
  const random = new SeededRandom(1);
  const part = { importKw: LIMITS.importKw / GATEWAYS, exportKw: LIMITS.exportKw / GATEWAYS };
  const shares = new SharesHeld(LIMITS, new Map(Array.from({ length: GATEWAYS }, (_, at) => [`g${at}`, part])));
  const holds = new Map<string, ShareSchedule>();
  let [most, sequence] = [0, 0];
  for (let now = 0; now < 2 * 86_400_000; now += ROUND_MS) {
    const weights = Array.from({ length: GATEWAYS }, (_, at) => 1 + Math.sin(now / 1e7 + at) + random.next());
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [at, weight] of weights.entries()) {
      const gateway = `g${at}`;
      const part = (kw: number): number => Math.floor((kw * weight) / whole);
      const steps = (kw: number): number[] => Array.from({ length: STEPS }, () => part(kw));
      const after = {
        importKw: Math.floor(LIMITS.importKw / GATEWAYS),
        exportKw: Math.floor(LIMITS.exportKw / GATEWAYS),
      };
      const wanted = {
        start: now,
        stepsS: steps(1).map(() => STEP_S),
        importKw: steps(LIMITS.importKw),
        exportKw: steps(LIMITS.exportKw),
        after,
      };
      const schedule = shares.give(gateway, wanted);
      const number = { epoch: 1, sequence: ++sequence };
      shares.sent(gateway, { number, schedule });
      shares.done(gateway);
      if (random.next() > HEARD) continue;
      holds.set(gateway, schedule);
      if (random.next() < SAID) shares.confirmed(gateway, number);
    }
    const total = [...holds.values()].reduce((sum, { importKw }) => sum + importKw[0]!, 0);
    most = Math.max(most, total / LIMITS.importKw);
  }
  return Math.round(1000 * most) / 10;
}
