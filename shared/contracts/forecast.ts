/** Only `issued` ones are dispatched and answer for the newest; `external` ones are another system's, scored beside ours. */
export type ForecastKind = 'issued' | 'reconstruction' | 'scenario' | 'external';

/** A forecast as issued: immutable. Power in kW, load convention. */
export interface ForecastFallback {
  readonly level: 'linear' | 'sameHourMean' | 'lastGood';
  readonly reason: string;
  readonly since: number;
}

/** Members that answer together, and their weights by groups of steps: each group's add up to 1. */
export interface MemberBlend {
  readonly members: readonly string[];
  /** Each group reaches from the end of the one before it to step `to`, not included; its weights are in the order of the members. */
  readonly groups: readonly { readonly to: number; readonly weights: readonly number[] }[];
}

export interface ForecastExtension {
  /** Start of the first step that it has made, ms UTC. */
  readonly from: number;
  readonly model: Forecast['model'];
  /** Why what should have made it has not. */
  readonly fallback: ForecastFallback | null;
}

export interface Forecast {
  readonly id: string;
  readonly kind: ForecastKind;
  /** substation:owd, feeder:owd-1, region:north */
  readonly target: string;
  readonly load: 'net' | 'uncontrolled' | 'planned';
  /** ms UTC, plant time. */
  readonly issuedAt: number;
  readonly dataUpTo: number;
  /** Start of the first step. */
  readonly start: number;
  readonly resolutionS: number;
  readonly quantiles: readonly number[];
  /** [quantile][step], kW; never crossing. */
  readonly values: readonly (readonly number[])[];
  readonly model: {
    readonly id: string;
    readonly sha256: string | null;
    /** Mean shares over the steps. */
    readonly members: Readonly<Record<string, number>>;
    /** The weights that the model's members had in it; absent: those that are fixed in the model, or it has no members. */
    readonly blend?: MemberBlend;
  };
  readonly weather: { readonly source: string; readonly issuedAt: number; readonly hindcast: boolean } | null;
  /** Share of the inputs that was there, 0 to 1. */
  readonly inputCompleteness: number;
  readonly fallback: ForecastFallback | null;
  readonly calibration: { readonly window: string; readonly coverage80: number; readonly n: number } | null;
  readonly warnings: readonly string[];
  /** What has made the steps beyond the models' horizon; absent: there are none. */
  readonly extension?: ForecastExtension;
  /**
   * The median split by the weather, [step], kW: the three add up to it. Shorter than the values where the weather is not known to their
   * end. Absent: weather does not allow it.
   */
  readonly components?: {
    readonly solar: readonly number[];
    readonly wind: readonly number[];
    readonly other: readonly number[];
  };
}
