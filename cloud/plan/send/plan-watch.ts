import type { CommandBody } from '../../../shared/contracts/document.ts';
import type { PlanBody } from '../../../shared/contracts/plan.ts';
import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';
import type { Planner, Round } from '../planner.ts';
import type { Basis } from '../problem/basis.ts';
import { OLDEST_PLAN_MS } from '../problem/step-time.ts';
import type { Trigger } from './plan-queue.ts';

interface Held {
  readonly plan: PlanBody;
  readonly basis: Basis;
  /** When its basis was looked at, plant time. */
  readonly at: number;
}

/** Knows the last plan of each substation and what it rests on, and says when another one is due. */
export class PlanWatch {
  readonly #planner: Pick<Planner, 'look'>;
  readonly #held = new Map<string, Held>();

  constructor(planner: Pick<Planner, 'look'>) {
    this.#planner = planner;
  }

  /** A plan is about to be sent. Without a basis it is not continued. */
  made(substation: string, { plan, basis, at }: Omit<Held, 'basis'> & { readonly basis: Basis | undefined }): void {
    if (basis === undefined) this.#held.delete(substation);
    else this.#held.set(substation, { plan, basis, at });
  }

  /** The gateway may hold another plan, which is unknown here. */
  forget(substation: string): void {
    this.#held.delete(substation);
  }

  /** A gateway's report on its plan. A refused or dropped plan is not continued. */
  onReport(substation: string, { id, stage }: DocumentReport): void {
    const ends = stage === 'rejected' || stage === 'assumption-failed' || stage === 'expired';
    if (ends && this.#held.get(substation)?.plan.id === id) this.#held.delete(substation);
  }

  /** Why a substation is to be planned in a round; undefined: its plan stands at least until the next look in `periodMs`. */
  async look(
    substation: RegionSubstation,
    { round, periodMs }: { readonly round: Round; readonly periodMs: number },
  ): Promise<Trigger | undefined> {
    const held = this.#held.get(substation.id);
    // A plan made long after this round began is from a clock that has been set back since, so it is for another time.
    if (held === undefined || held.at - round.now > periodMs || round.now - held.at + periodMs > OLDEST_PLAN_MS)
      return 'schedule';
    return this.#planner.look(substation, held, round);
  }
}

/** Commands that change what devices do; plans must follow them. */
const acts: readonly CommandBody['kind'][] = [
  'override',
  'release',
  'stop',
  'resume',
  'tag',
  'untag',
  'emergency',
  'normal',
];
const beginsOrEnds: readonly DocumentReport['stage'][] = ['applied', 'completed', 'expired'];

export const isAct = (kind: CommandBody['kind'], { stage }: DocumentReport): boolean =>
  acts.includes(kind) && beginsOrEnds.includes(stage);
