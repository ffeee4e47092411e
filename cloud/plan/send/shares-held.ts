import { changesOf, type ShareKw, type ShareSchedule } from '../../../shared/contracts/share-schedule.ts';
import type { DocumentNumber } from './document-store.ts';

interface Held {
  readonly number: DocumentNumber;
  readonly schedule: ShareSchedule;
}

/** Most schedules of a gateway that are kept apart; beyond that the two oldest are merged to the most of each moment. */
const MOST_APART = 8;
/** Most steps of a merged schedule. */
const MOST_STEPS = 600;
const NONE: DocumentNumber = { epoch: 0, sequence: 0 };

const compared = (one: DocumentNumber, other: DocumentNumber): number =>
  one.epoch - other.epoch || one.sequence - other.sequence;

/**
 * The schedules that gateways may be holding. A silent gateway follows any of those sent since the one that it last confirmed; before its
 * first one it follows its static share. Whatever each of them holds, together they keep the region's limit: a new schedule gets no more
 * than the others leave. So a share grows only after the others have confirmed smaller ones.
 */
export class SharesHeld {
  readonly #limits: ShareKw;
  /** By gateway, the oldest that may still be in force first. */
  readonly #held = new Map<string, Held[]>();
  /** Schedules that were given to a gateway and have no number yet. */
  readonly #given = new Map<string, ShareSchedule>();

  constructor(limits: ShareKw, statics: ReadonlyMap<string, ShareKw>) {
    this.#limits = limits;
    for (const [gateway, share] of statics) this.#held.set(gateway, [{ number: NONE, schedule: always(share) }]);
  }

  /** Number of schedules kept for a gateway. */
  countOf = (gateway: string): number => this.#held.get(gateway)?.length ?? 0;

  /**
   * Reduces the schedule where others may hold too much of the limit, but not below the gateway's newest one, which counts already. The
   * result counts from now on, until `done`.
   */
  give(gateway: string, schedule: ShareSchedule): ShareSchedule {
    const newest = this.#held.get(gateway)?.at(-1)?.schedule;
    const moments = [...changesOf(schedule), Infinity];
    const drawnIn = (of: keyof ShareKw): number[] => {
      const own = newest === undefined ? undefined : between(newest, of, moments, Math.min);
      const others = this.#mostOf(of, moments, gateway);
      const room = (at: number): number => Math.max(own?.[at] ?? 0, this.#limits[of] - others[at]!);
      return [...schedule[of], schedule.after[of]].map((kw, at) => Math.min(kw, room(at)));
    };
    const [up, down] = [drawnIn('importKw'), drawnIn('exportKw')];
    const given = {
      ...schedule,
      importKw: up.slice(0, -1),
      exportKw: down.slice(0, -1),
      after: { importKw: up.at(-1)!, exportKw: down.at(-1)! },
    };
    this.#given.set(gateway, given);
    return given;
  }

  /** The schedule, nowhere above the gateway's newest one. The end of that is no limit, because the next one comes before it. */
  within(gateway: string, schedule: ShareSchedule): ShareSchedule {
    const newest = this.#held.get(gateway)?.at(-1)?.schedule;
    if (newest === undefined) return schedule;
    const moments = changesOf(schedule);
    const end = newest.stepsS.length > 0 ? changesOf(newest).at(-1)! : Infinity;
    const under = (of: keyof ShareKw): number[] => {
      const most = between(newest, of, moments, Math.min);
      return schedule[of].map((kw, step) => (moments[step + 1]! <= end ? Math.min(kw, most[step]!) : kw));
    };
    return { ...schedule, importKw: under('importKw'), exportKw: under('exportKw') };
  }

  /** The given schedule has its number, or was never stored. */
  done = (gateway: string): void => void this.#given.delete(gateway);

  /** A document with this schedule may reach the gateway from now on. */
  sent(gateway: string, { number, schedule }: Held): void {
    const held = (this.#held.get(gateway) ?? []).filter((each) => compared(each.number, number) !== 0);
    held.push({ number, schedule });
    held.sort((a, b) => compared(a.number, b.number));
    const [first, second] = held;
    if (held.length > MOST_APART && first !== undefined && second !== undefined)
      held.splice(0, 2, { number: second.number, schedule: together(first.schedule, second.schedule, schedule.start) });
    this.#held.set(gateway, held);
  }

  /**
   * The gateway follows this document or a later one. A document without a schedule changes nothing: the schedule before it stands. True:
   * fewer schedules count from now on.
   */
  confirmed(gateway: string, number: DocumentNumber): boolean {
    const held = this.#held.get(gateway) ?? [];
    const at = held.findIndex((each) => compared(each.number, number) === 0);
    if (at > 0) this.#held.set(gateway, held.slice(at));
    return at > 0;
  }

  /** The most that all gateways but one may draw or feed in together between each moment and the next, whatever each holds. */
  #mostOf(of: keyof ShareKw, moments: readonly number[], but: string): Float64Array {
    const total = new Float64Array(moments.length - 1);
    for (const [gateway, held] of this.#held) {
      if (gateway === but) continue;
      const given = this.#given.get(gateway);
      const schedules = [...held.map(({ schedule }) => schedule), ...(given === undefined ? [] : [given])];
      for (const [at, kw] of mostOf(schedules, of, moments).entries()) total[at]! += kw;
    }
    return total;
  }
}

const always = (after: ShareKw): ShareSchedule => ({ start: 0, stepsS: [], importKw: [], exportKw: [], after });

/**
 * The most, or the least, of a schedule between each moment and the next, in one sweep, because each plan of a region needs the schedules
 * of all its gateways. `moments` rise. As in `shareAt`, the first step holds before its start too.
 */
function between(
  { start, stepsS, after, ...shares }: ShareSchedule,
  of: keyof ShareKw,
  moments: readonly number[],
  pick: (one: number, other: number) => number,
): Float64Array {
  const picked = new Float64Array(moments.length - 1);
  const shareOf = (step: number): number => (step < stepsS.length ? shares[of][step] : undefined) ?? after[of];
  const lengthOf = (step: number): number => 1000 * (stepsS[step] ?? 0);
  let step = 0;
  let end = start + lengthOf(0);
  for (let at = 0; at < picked.length; at++) {
    for (const from = moments[at]!; step < stepsS.length && end <= from; end += lengthOf(step)) step++;
    let kw = shareOf(step);
    let begins = end;
    for (let next = step + 1; next <= stepsS.length && begins < moments[at + 1]!; next++) {
      kw = pick(kw, shareOf(next));
      begins += lengthOf(next);
    }
    picked[at] = kw;
  }
  return picked;
}

/** The most of all schedules between each moment and the next. */
function mostOf(schedules: readonly ShareSchedule[], of: keyof ShareKw, moments: readonly number[]): Float64Array {
  const most = new Float64Array(moments.length - 1);
  for (const schedule of schedules)
    for (const [at, kw] of between(schedule, of, moments, Math.max).entries()) most[at] = Math.max(most[at]!, kw);
  return most;
}

/** One schedule that from `now` on is never below either of two. */
function together(one: ShareSchedule, other: ShareSchedule, now: number): ShareSchedule {
  const ahead = new Set([one, other].flatMap(changesOf).filter((at) => at > now));
  const all = [now, ...[...ahead].toSorted((a, b) => a - b)];
  const every = Math.ceil(all.length / MOST_STEPS);
  const moments = all.filter((_, at) => at % every === 0 || at === all.length - 1);
  const most = (of: keyof ShareKw): number[] => [...mostOf([one, other], of, [...moments, Infinity])];
  const [up, down] = [most('importKw'), most('exportKw')];
  return {
    start: now,
    stepsS: moments.slice(1).map((end, at) => (end - moments[at]!) / 1000),
    importKw: up.slice(0, -1),
    exportKw: down.slice(0, -1),
    after: { importKw: up.at(-1)!, exportKw: down.at(-1)! },
  };
}
