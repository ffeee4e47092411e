/** Progress of recurring work; the clock of a simulated plant waits for it. */
export interface WorkPace {
  /** Plant time at which the last completed round began, ms UTC; before the first one, the start. */
  readonly plantTime: number;
  /** Plant time from there to the next round. */
  readonly periodMs: number;
}
