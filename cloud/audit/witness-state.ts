import { checkpointOf, entryOf, linesOf } from './audit-lines.ts';

/** The states that a witness holds, one per line; skips lines that a full disk cut off. */
export const statesOf = (witness: string): string[] =>
  witness.split('\n').filter((line) => checkpointOf(line) !== undefined);

interface Witnessed {
  /** Machine time of the newest state held outside, ms UTC, and its entry. */
  readonly until: number;
  readonly n: number;
}

/** A cloud updates its witness every hour. */
const STALE_MS = 86_400_000;

/** How far an external witness vouches for a list, ms UTC of machine time. */
export interface WitnessState extends Partial<Witnessed> {
  /** The list extends more than a day beyond the witness's last state. */
  readonly isStale: boolean;
}

/** Evaluates the states of a list's witness. */
export function witnessState(states: readonly string[], log: Uint8Array): WitnessState {
  const newest = newestOf(states);
  const line = linesOf(log).lines.at(-1);
  const last = line && entryOf(line);
  return { ...newest, isStale: typeof last === 'object' && last.at - (newest?.until ?? 0) > STALE_MS };
}

/** The newest of some signed states; undefined if there is none. */
export function newestOf(states: readonly string[]): Witnessed | undefined {
  const found = states.flatMap((text) => checkpointOf(text) ?? []);
  const newest = found.toSorted((a, b) => b.n - a.n)[0];
  return newest && { until: newest.at, n: newest.n };
}
