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
  /** Feeders that somebody else holds, or nobody: they stay as they are. */
  readonly others: number;
  /** Substations whose link is down: nothing reaches them now. */
  readonly unreached: readonly string[];
  /** What the acts go to: the region where all of it is held, which takes a second person; else feeder by feeder. */
  readonly targets: readonly string[];
}

/** What it takes to bring every feeder that is held to one mode. `held`: targets of areas, such as `feeder:owd-1`. */
export function modePlan({ region, substations }: DeskView, mode: FeederMode, held: ReadonlySet<string>): ModePlan {
  const all = substations.flatMap((substation) => substation.feeders.map((feeder) => ({ substation, feeder })));
  const mine = all.filter(({ feeder }) => held.has(`feeder:${feeder.id}`));
  const moved = mine.filter(({ feeder }) => feeder.mode !== mode);
  const isWhole = mine.length === all.length && substations.every(({ id }) => held.has(`substation:${id}`));
  const reached = moved.filter(({ substation }) => substation.gatewayLink === 'up');
  const unreached = moved.filter(({ substation }) => substation.gatewayLink !== 'up');
  return {
    changes: (isWhole ? moved : reached).map(({ feeder: { id, name, mode: from } }) => ({ feeder: id, name, from })),
    kept: mine.length - moved.length,
    others: all.length - mine.length,
    unreached: [...new Set(unreached.map(({ substation }) => substation.id))],
    targets: isWhole
      ? moved.length === 0
        ? []
        : [`region:${region}`]
      : reached.map(({ feeder }) => `feeder:${feeder.id}`),
  };
}
