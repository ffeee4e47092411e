import { changesOf, shareAt, type ShareKw, type ShareSchedule } from '../../../shared/contracts/share-schedule.ts';

type Limits = ShareKw;

interface Held {
  readonly sequence: number;
  readonly schedule: ShareSchedule;
}

/**
 * The schedules that gateways may be holding. A gateway that falls silent goes by any of those that were sent since the one that it
 * last said it follows. Whatever each of them holds, together they keep the region's limit: a new schedule gets no more than the
 * others leave. So a share grows only after the others have confirmed smaller ones.
 */
export class SharesHeld {
  readonly #limits: Limits;
  /** By gateway, the oldest that may still be in force first. */
  readonly #held = new Map<string, Held[]>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** The schedule, drawn in where others may hold too much of the limit. */
  within(gateway: string, schedule: ShareSchedule): ShareSchedule {
    const others = [...this.#held].flatMap(([id, held]) => (id === gateway ? [] : [held]));
    const left = (from: number, to: number): ShareKw => {
      const worst = { importKw: 0, exportKw: 0 };
      for (const held of others) {
        const most = mostOf(held, from, to);
        worst.importKw += most.importKw;
        worst.exportKw += most.exportKw;
      }
      return {
        importKw: Math.max(0, this.#limits.importKw - worst.importKw),
        exportKw: Math.max(0, this.#limits.exportKw - worst.exportKw),
      };
    };
    const moments = changesOf(schedule);
    const rooms = schedule.stepsS.map((_, step) => left(moments[step]!, moments[step + 1]!));
    const later = left(moments.at(-1)!, Infinity);
    return {
      ...schedule,
      importKw: schedule.importKw.map((kw, step) => Math.min(kw, rooms[step]!.importKw)),
      exportKw: schedule.exportKw.map((kw, step) => Math.min(kw, rooms[step]!.exportKw)),
      after: {
        importKw: Math.min(schedule.after.importKw, later.importKw),
        exportKw: Math.min(schedule.after.exportKw, later.exportKw),
      },
    };
  }

  sent(gateway: string, held: Held): void {
    this.#held.set(gateway, [...(this.#held.get(gateway) ?? []), held]);
  }

  /** The gateway follows this one: what was sent before counts no more. */
  confirmed(gateway: string, sequence: number): void {
    const held = this.#held.get(gateway)?.filter((each) => each.sequence >= sequence);
    if (held !== undefined && held.length > 0) this.#held.set(gateway, held);
  }

  /** The most that all gateways may take or feed in together at a moment, whatever each holds. */
  totalAt(time: number): ShareKw {
    const total = { importKw: 0, exportKw: 0 };
    for (const held of this.#held.values()) {
      const most = mostOf(held, time, time + 1);
      total.importKw += most.importKw;
      total.exportKw += most.exportKw;
    }
    return total;
  }
}

/** The most of any of them between two moments. */
function mostOf(held: readonly Held[], from: number, to: number): ShareKw {
  const most = { importKw: 0, exportKw: 0 };
  for (const { schedule } of held)
    for (const at of [from, ...changesOf(schedule).filter((each) => each > from && each < to)]) {
      const { importKw, exportKw } = shareAt(schedule, at);
      most.importKw = Math.max(most.importKw, importKw);
      most.exportKw = Math.max(most.exportKw, exportKw);
    }
  return most;
}
