import type { DeskView } from '../../../../shared/contracts/desk.ts';
import type { FeederMode } from '../../../../shared/contracts/ids.ts';

export interface ModeChange {
  readonly feeder: string;
  readonly name: string;
  /** Null if unknown. */
  readonly from: FeederMode | null;
}

export interface ModePlan {
  /** Feeders whose mode differs or is unknown. */
  readonly changes: readonly ModeChange[];
  /** Number of feeders that already have the mode. */
  readonly unchanged: number;
  /** Number of feeders that somebody else holds, which keep their mode. */
  readonly others: number;
  /** Substations whose link is down, which nothing reaches now. */
  readonly unreached: readonly string[];
  /** Targets of the acts: the region if all of it is open, which needs a second person; otherwise each feeder. */
  readonly targets: readonly string[];
}

/**
 * Returns what it takes to bring every feeder that nobody else holds to one mode. `open`: targets of these areas, such as `feeder:owd-1`.
 */
export function modePlan({ region, substations }: DeskView, mode: FeederMode, open: ReadonlySet<string>): ModePlan {
  const all = substations.flatMap((substation) => substation.feeders.map((feeder) => ({ substation, feeder })));
  const ours = all.filter(({ feeder }) => open.has(`feeder:${feeder.id}`));
  const moved = ours.filter(({ feeder }) => feeder.mode !== mode);
  const isWhole = ours.length === all.length && substations.every(({ id }) => open.has(`substation:${id}`));
  const reached = moved.filter(({ substation }) => substation.gatewayLink === 'up');
  const unreached = moved.filter(({ substation }) => substation.gatewayLink !== 'up');
  return {
    changes: (isWhole ? moved : reached).map(({ feeder: { id, name, mode: from } }) => ({ feeder: id, name, from })),
    unchanged: ours.length - moved.length,
    others: all.length - ours.length,
    unreached: [...new Set(unreached.map(({ substation }) => substation.id))],
    targets: isWhole
      ? moved.length === 0
        ? []
        : [`region:${region}`]
      : reached.map(({ feeder }) => `feeder:${feeder.id}`),
  };
}
