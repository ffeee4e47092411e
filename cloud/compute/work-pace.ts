/** How far work has come that is done again and again; what keeps a simulated plant's time waits for it. */
export interface WorkPace {
  /** Plant time at which the last round was begun that is done, ms UTC; before the first one the start. */
  readonly plantTime: number;
  /** Plant time from there to the next round. */
  readonly periodMs: number;
}
