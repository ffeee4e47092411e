/** Options that every bench accepts. */
export interface BenchOptions {
  /** Prints progress on stderr. */
  readonly say: (line: string) => void;
  /** Less work, for a first look; the result says so. */
  readonly quick: boolean;
  /** Duration, for benches that take it. */
  readonly hours: number | undefined;
  /** Plant days, for benches that play some; the bench's own number by default. */
  readonly days: number | undefined;
}
