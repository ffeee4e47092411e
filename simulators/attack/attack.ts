import type { Stage } from './stage.ts';

/** What an attack met. */
export interface Seen {
  readonly refused: boolean;
  /** In words: the code of the refusal, or what the attacker has got. */
  readonly seen: string;
}

/** One thing that an attacker tries. It says by itself what it tests and what should come of it. */
export interface Attack {
  /** Its group, a slash, its name. */
  readonly id: string;
  readonly title: string;
  /** The requirements of IEC 62443-4-2 that it tests. */
  readonly requirements: readonly string[];
  readonly expected: string;
  /** What it may cost whom it meets; more counts as open. Wide: an algorithmic hole passes it by factors. */
  readonly within?: Cost;
  /** Why it succeeds today. The suite's test fails when it no longer does, and when any other succeeds. */
  readonly knownOpen?: string;
  /** A RabbitMQ refuses it before it comes to what is tested. */
  readonly notAtRabbitMq?: boolean;
  /** Waits for the clock of its target, so it begins before the others and nothing is measured. */
  readonly isPatient?: boolean;
  /** Throws NotHere where the stage lacks what it needs. */
  run(stage: Stage): Promise<Seen>;
}

export interface Cost {
  readonly cpuMs: number;
  readonly memoryMb: number;
}

/** Attacks of one kind, with what they threaten. */
export interface Group {
  readonly id: string;
  readonly title: string;
  /** What is at stake. */
  readonly asset: string;
  /** Where the attacker stands. */
  readonly from: string;
  /** What stands against it, and where. */
  readonly defence: string;
  readonly attacks: readonly Attack[];
}

export const refused = (seen: string): Seen => ({ refused: true, seen });
export const succeeded = (seen: string): Seen => ({ refused: false, seen });

/**
 * Refused where `seen` matches `expected`, and a success of the attacker where it matches `gained`: anything else, unless told. What is
 * neither, such as an error of another kind, throws: it cannot be judged.
 */
export function judged(seen: string, expected: RegExp, gained = /(?:)/): Seen {
  if (expected.test(seen)) return refused(seen);
  if (gained.test(seen)) return succeeded(seen);
  throw new Error(seen);
}
