import { checkpointOf, entryOf, linesOf } from './audit-lines.ts';

/** The states that a witness was told, a line each; one that a full disk cut off counts for nothing. */
export const statesOf = (witness: string): string[] =>
  witness.split('\n').filter((line) => checkpointOf(line) !== undefined);

interface Witnessed {
  /** Machine time of the newest state that somebody outside holds, ms UTC, and its entry. */
  readonly until: number;
  readonly n: number;
}

/** A cloud tells its witness each hour. */
const STALE_MS = 86_400_000;

/** How far somebody outside vouches for a list, ms UTC of machine time. */
export interface WitnessState extends Partial<Witnessed> {
  /** The list goes on for more than a day behind what the witness was told. */
  readonly isStale: boolean;
}

/** Of the states that the witness of a list holds. */
export function witnessState(states: readonly string[], log: Uint8Array): WitnessState {
  const newest = newestOf(states);
  const line = linesOf(log).lines.at(-1);
  const last = line && entryOf(line);
  return { ...newest, isStale: typeof last === 'object' && last.at - (newest?.until ?? 0) > STALE_MS };
}

/** The newest of signed states; undefined: there is none. */
export function newestOf(states: readonly string[]): Witnessed | undefined {
  const found = states.flatMap((text) => checkpointOf(text) ?? []);
  const newest = found.toSorted((a, b) => b.n - a.n)[0];
  return newest && { until: newest.at, n: newest.n };
}
