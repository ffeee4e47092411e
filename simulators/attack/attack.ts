import type { Stage } from './stage.ts';

/** Outcome of an attack. */
export interface Seen {
  readonly refused: boolean;
  /** The code of the refusal, or what the attacker gained, in words. */
  readonly seen: string;
}

/** One attack, with its purpose and its expected outcome. */
export interface Attack {
  /** Group, slash, name. */
  readonly id: string;
  readonly title: string;
  /** Requirements of IEC 62443-4-2 that it tests. */
  readonly requirements: readonly string[];
  readonly expected: string;
  /** Highest cost to the target; more counts as open. The bound is generous, because an algorithmic hole exceeds it many times over. */
  readonly within?: Cost;
  /** Why it succeeds today. The suite's test fails if it no longer succeeds, or if any other attack does. */
  readonly knownOpen?: string;
  /** RabbitMQ refuses it before it reaches what it tests. */
  readonly notAtRabbitMq?: boolean;
  /** It waits for a time-out of its target, so it starts before the others and its cost is not measured. */
  readonly isPatient?: boolean;
  /** Throws NotHere if the stage lacks a part that it needs. */
  run(stage: Stage): Promise<Seen>;
}

export interface Cost {
  readonly cpuMs: number;
  readonly memoryMb: number;
}

/** Attacks of one kind and what they threaten. */
export interface Group {
  readonly id: string;
  readonly title: string;
  /** What is at stake. */
  readonly asset: string;
  /** Position of the attacker. */
  readonly from: string;
  /** The defences, and where they are. */
  readonly defence: string;
  readonly attacks: readonly Attack[];
}

export const refused = (seen: string): Seen => ({ refused: true, seen });
export const succeeded = (seen: string): Seen => ({ refused: false, seen });

/**
 * Refused if `seen` matches `expected`; a success of the attacker if it matches `gained` (default: anything else). Throws for anything
 * else, such as an unrelated error, because that cannot be judged.
 */
export function judged(seen: string, expected: RegExp, gained = /(?:)/): Seen {
  if (expected.test(seen)) return refused(seen);
  if (gained.test(seen)) return succeeded(seen);
  throw new Error(seen);
}
