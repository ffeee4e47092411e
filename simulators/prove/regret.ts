import { JUDGED, type ArmId, type Protocol } from './protocol.ts';
import { judged, type Outcome } from './outcome.ts';
import type { ArmRun } from './run-arm.ts';
import { ratio, type Interval } from './statistics.ts';

/** Share of foresight's saving that an arm leaves: (J - J_H) / (J_A - J_H), as a ratio of sums over runs. */
export interface Regrets {
  readonly arms: Readonly<Record<string, ArmRegret>>;
  /** Runs in which foresight costs no less than practice; they are left out, since the ratio is meaningless there. */
  readonly unbounded: readonly string[];
  /** Runs in which an arm costs less than foresight, EUR: the bound is not tight there. */
  readonly beaten: readonly { readonly arm: string; readonly run: string; readonly by: number }[];
}

export interface ArmRegret {
  /** By price of lost load, EUR/kWh. */
  readonly at: Readonly<Record<string, Interval>>;
  /** At `JUDGED` EUR/kWh, without energy unserved because of trips, and by scenario. */
  readonly withoutTrips: Interval;
  readonly byScenario: Readonly<Record<string, Interval>>;
}

/** Non-inferiority margin, as a share of foresight's saving. */
export const MARGIN = 0.02;

/** All arms' runs of one seed. */
export type Seed = Partial<Readonly<Record<ArmId, ArmRun>>>;

export const seedsOf = (runs: readonly ArmRun[]): Seed[] =>
  [...Map.groupBy(runs, ({ scenario, seed }) => `${scenario} ${seed}`).values()].map((group) =>
    Object.fromEntries(group.map((run) => [run.arm, run])),
  );

type Cost = (outcome: Outcome) => number;

/** Undefined without runs of practice and foresight. */
export function regretOf(runs: readonly ArmRun[], { arms, outcomes, prices }: Protocol): Regrets | undefined {
  const whole = seedsOf(runs).filter(({ A, H }) => A !== undefined && H !== undefined);
  if (whole.length === 0) return undefined;
  const bounded = whole.filter(({ A, H }) => judged(H!.outcome) < judged(A!.outcome));
  const of = (arm: ArmId, seeds: readonly Seed[], cost: Cost): Interval =>
    ratio(
      seeds.flatMap(({ A, H, [arm]: own }) =>
        own === undefined
          ? []
          : [{ day: own.day, top: cost(own.outcome) - cost(H!.outcome), bottom: cost(A!.outcome) - cost(H!.outcome) }],
      ),
      outcomes.bootstrap,
    );
  const ids = (Object.keys(arms) as ArmId[]).filter(
    (id) => id !== 'A' && id !== 'H' && runs.some(({ arm }) => arm === id),
  );
  return {
    arms: Object.fromEntries(
      ids.map((id): [string, ArmRegret] => [
        id,
        {
          at: Object.fromEntries(
            prices.lostLoad.map((eur) => [`${eur}`, of(id, bounded, ({ costEur }) => costEur[`${eur}`]!)]),
          ),
          withoutTrips: of(id, bounded, ({ costWithoutTripsEur }) => costWithoutTripsEur[JUDGED]!),
          byScenario: Object.fromEntries(
            [...Map.groupBy(bounded, ({ A }) => A!.scenario)].map(([name, seeds]) => [name, of(id, seeds, judged)]),
          ),
        },
      ]),
    ),
    unbounded: whole.filter((seed) => !bounded.includes(seed)).map(({ A }) => `${A!.scenario} ${A!.seed}`),
    beaten: whole.flatMap((seed) =>
      ids.flatMap((id) => {
        const own = seed[id];
        const by = own === undefined ? 0 : judged(seed.H!.outcome) - judged(own.outcome);
        return by > 0 ? [{ arm: id, run: `${own!.scenario} ${own!.seed}`, by }] : [];
      }),
    ),
  };
}

/** F minus a rival and the margin, per seed; below zero means not worse. */
export const beyondMargin = (
  seeds: readonly Seed[],
  rival: ArmId,
): { readonly day: string; readonly value: number }[] =>
  seeds.flatMap(({ A, F, H, [rival]: other }) =>
    A === undefined || F === undefined || H === undefined || other === undefined
      ? []
      : [
          {
            day: F.day,
            value: judged(F.outcome) - judged(other.outcome) - MARGIN * (judged(A.outcome) - judged(H.outcome)),
          },
        ],
  );
