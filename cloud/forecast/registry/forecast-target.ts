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
  /** The target that it is a part of: all that name the same one add up to it. */
  readonly within?: string | undefined;
  /** It is what its whole takes beside the other parts: nothing where these stand in for the whole's meter. */
  readonly isRest?: boolean | undefined;
}
