import type { DeskView } from '../../../../shared/contracts/desk.ts';
import type { FeederMode } from '../../../../shared/contracts/ids.ts';

export interface ModeChange {
  readonly feeder: string;
  readonly name: string;
  /** null: not known. */
  readonly from: FeederMode | null;
}

export interface ModePlan {
  /** Feeders whose mode is another, or not known. */
  readonly changes: readonly ModeChange[];
  /** Feeders that have the mode already. */
  readonly kept: number;
  /** Feeders that somebody else holds: they stay as they are. */
  readonly others: number;
  /** Substations whose link is down: nothing reaches them now. */
  readonly unreached: readonly string[];
  /** What the acts go to: the region where all of it is open, which takes a second person; else feeder by feeder. */
  readonly targets: readonly string[];
}

/** What it takes to bring every feeder that nobody else holds to one mode. `open`: targets of such areas, as `feeder:owd-1`. */
export function modePlan({ region, substations }: DeskView, mode: FeederMode, open: ReadonlySet<string>): ModePlan {
  const all = substations.flatMap((substation) => substation.feeders.map((feeder) => ({ substation, feeder })));
  const ours = all.filter(({ feeder }) => open.has(`feeder:${feeder.id}`));
  const moved = ours.filter(({ feeder }) => feeder.mode !== mode);
  const isWhole = ours.length === all.length && substations.every(({ id }) => open.has(`substation:${id}`));
  const reached = moved.filter(({ substation }) => substation.gatewayLink === 'up');
  const unreached = moved.filter(({ substation }) => substation.gatewayLink !== 'up');
  return {
    changes: (isWhole ? moved : reached).map(({ feeder: { id, name, mode: from } }) => ({ feeder: id, name, from })),
    kept: ours.length - moved.length,
    others: all.length - ours.length,
    unreached: [...new Set(unreached.map(({ substation }) => substation.id))],
    targets: isWhole
      ? moved.length === 0
        ? []
        : [`region:${region}`]
      : reached.map(({ feeder }) => `feeder:${feeder.id}`),
  };
}
