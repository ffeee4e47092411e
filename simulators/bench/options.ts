/** Options that every bench understands. */
export interface BenchOptions {
  /** Say what is going on, on stderr. */
  readonly say: (line: string) => void;
  /** Less work, for a first look; the result says so. */
  readonly quick: boolean;
  /** How long it runs, where the bench takes it. */
  readonly hours: number | undefined;
  /** Plant days, of a bench that plays some; absent: as many as it is meant to. */
  readonly days: number | undefined;
}
