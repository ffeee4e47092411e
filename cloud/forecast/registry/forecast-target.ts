/** A series to forecast. */
export interface ForecastTarget {
  /** Example: substation:owd, feeder:owd-1, region:north */
  readonly id: string;
  /** Owner of its models: the substation; for the region, the region. */
  readonly substation: string;
  readonly zone: string;
  readonly holidays?: readonly string[];
  /** Whether to train a model for the gateway too. */
  readonly gateway: boolean;
  /** Targets whose sum it is; they are forecast first. */
  readonly parts?: readonly string[] | undefined;
  /** The target that it is a part of. All targets with the same `within` add up to it. */
  readonly within?: string | undefined;
  /** It is the whole minus the other parts; zero if these replace the whole's meter. */
  readonly isRest?: boolean | undefined;
}
