import { shareAt, type ShareSchedule } from '../../shared/contracts/share-schedule.ts';
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

type Give = (shares: SharesHeld, gateway: string, wanted: ShareSchedule) => ShareSchedule;

/**
 * Largest sum of the shares in force at all gateways over days of changing shares, % of the region's limit: of import and export, now
 * and at every later step of what each gateway holds. A gateway that has heard nothing holds its static share.
 */
export function failsafeSumPct({
  days = 2,
  give = (shares, gateway, wanted) => shares.give(gateway, wanted),
}: { readonly days?: number; readonly give?: Give } = {}): number {
  const random = new SeededRandom(1);
  const fixed = { importKw: LIMITS.importKw / GATEWAYS, exportKw: LIMITS.exportKw / GATEWAYS };
  const gateways = Array.from({ length: GATEWAYS }, (_, at) => `g${at}`);
  const shares = new SharesHeld(LIMITS, new Map(gateways.map((gateway) => [gateway, fixed])));
  const holds = new Map<string, ShareSchedule>();
  const mostPct = (now: number): number => {
    let most = 0;
    for (let step = 0; step <= STEPS; step++) {
      const at = now + 1000 * STEP_S * step;
      const held = gateways.map((gateway) => {
        const schedule = holds.get(gateway);
        return schedule === undefined ? fixed : shareAt(schedule, at);
      });
      for (const way of ['importKw', 'exportKw'] as const)
        most = Math.max(most, held.reduce((sum, each) => sum + each[way], 0) / LIMITS[way]);
    }
    return 100 * most;
  };
  let [most, sequence] = [mostPct(0), 0];
  for (let now = 0; now < days * 86_400_000; now += ROUND_MS) {
    const chance = gateways.map(() => random.next());
    // The weight of a gateway changes over the day, for import and export in opposite ways.
    const weighed = (kw: number, sign: 1 | -1): number[][] =>
      Array.from({ length: STEPS }, (_, step) => {
        const time = now + 1000 * STEP_S * step;
        const weights = chance.map((each, at) => 1 + each + sign * Math.sin(time / 1e7 + at));
        const sum = weights.reduce((all, weight) => all + weight, 0);
        return weights.map((weight) => Math.floor((kw * weight) / sum));
      });
    const [up, down] = [weighed(LIMITS.importKw, 1), weighed(LIMITS.exportKw, -1)];
    for (const [at, gateway] of gateways.entries()) {
      const number = { epoch: 1, sequence: ++sequence };
      const schedule = give(shares, gateway, {
        start: now,
        stepsS: Array.from({ length: STEPS }, () => STEP_S),
        importKw: up.map((step) => step[at]!),
        exportKw: down.map((step) => step[at]!),
        after: fixed,
      });
      shares.sent(gateway, { number, schedule });
      shares.done(gateway);
      if (random.next() > HEARD) continue;
      holds.set(gateway, schedule);
      if (random.next() < SAID) shares.confirmed(gateway, number);
    }
    most = Math.max(most, mostPct(now));
  }
  return Math.round(10 * most) / 10;
}
