/** A series that is forecast. */
export interface ForecastTarget {
  /** substation:owd, feeder:owd-1, region:north */
  readonly id: string;
  /** Whose models these are; of the region, the region. */
  readonly substation: string;
  readonly zone: string;
  readonly holidays?: readonly string[];
  /** Train a model for the gateway too. */
  readonly gateway: boolean;
  /** Targets that it is the sum of, forecast before it. */
  readonly parts?: readonly string[] | undefined;
}
