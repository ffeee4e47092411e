import type { PlanBody } from '../../../../shared/contracts/plan.ts';
import type { DocumentReport } from '../../../../shared/contracts/report.ts';

/** Answers of the planner API as the page reads them. Times are RFC 3339. */
export interface ForecastAnswer {
  readonly id: string;
  readonly target: string;
  readonly load: 'net' | 'uncontrolled' | 'planned';
  readonly issuedAt: string;
  readonly dataUpTo: string;
  readonly start: string;
  readonly resolution: string;
  readonly unit: string;
  /** One array for each quantile: quantile_P5 to quantile_P95. */
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  readonly components?: Readonly<Record<'solar' | 'wind' | 'other', readonly (number | null)[]>> | null;
  readonly limits: { readonly importKw: number; readonly exportKw: number };
  readonly probabilityAboveImport?: readonly number[];
  readonly probabilityAboveExport?: readonly number[];
  readonly model: {
    readonly id: string;
    readonly sha256: string | null;
    readonly members: Readonly<Record<string, number>>;
  };
  /** What answers beyond the model's horizon; absent or null: nothing that is shown lies there. */
  readonly extension?: {
    readonly from: string;
    readonly model: { readonly id: string };
  } | null;
  readonly weather: { readonly source: string; readonly issuedAt: string; readonly hindcast: boolean } | null;
  readonly inputCompleteness: number;
  readonly fallback: { readonly level: string; readonly reason: string; readonly since: string } | null;
  readonly calibration: { readonly window: string; readonly coverage80: number; readonly n: number } | null;
  readonly warnings: readonly string[];
}

/** A row of GET /v1/forecasts. */
export interface VintageRow {
  readonly forecastId: string;
  readonly issuedAt: string;
  readonly isFallback: boolean;
}

export interface ScenarioRow {
  readonly id: string;
  readonly name: string;
  readonly base: { readonly kind: 'forecast' | 'history' };
}

export interface ScenarioSummary {
  readonly peakKw: number;
  readonly peakAt: string;
  readonly energyMwh: number;
  readonly hoursAboveLimit: number | null;
  readonly energyAboveLimitMwh: number | null;
  readonly simultaneity: number;
}

/** What a scenario is answered with: the base and what the changes make of it. */
export interface ScenarioAnswer {
  readonly id: string;
  readonly scenarioId: string;
  readonly target: string;
  readonly start: string;
  readonly resolution: string;
  readonly base: Pick<ForecastAnswer, 'values'>;
  readonly scenario: Pick<ForecastAnswer, 'values'>;
  readonly summary: { readonly base: ScenarioSummary; readonly scenario: ScenarioSummary };
  readonly limits: ForecastAnswer['limits'] | null;
  readonly warnings: readonly string[];
}

/** A row of GET /v1/scorecards. */
export interface ScoreRow {
  readonly model: string;
  readonly leadTime: string | null;
  readonly n: number;
  readonly excluded: { readonly badQuality: number; readonly outage: number; readonly missing: number };
  readonly fallbackShare: number;
  readonly maeKw: number;
  readonly biasKw: number;
  readonly nMae: number;
  readonly pinball: number;
  readonly coverage: Readonly<Record<string, number>>;
  readonly skill: { readonly bestNaive: number; readonly ci95: readonly number[]; readonly naive: string } | null;
}

export interface MeasurementAnswer {
  readonly target: string;
  readonly start: string;
  readonly resolution: string;
  readonly unit: string;
  readonly values: readonly (number | null)[];
  readonly quality: readonly string[];
  readonly origin?: readonly string[];
}

export interface PlanAnswer {
  readonly plan: PlanBody;
  readonly document: {
    readonly epoch: number;
    readonly sequence: number;
    readonly issuedAt: number;
    readonly validUntil: number;
  };
  readonly stages: readonly DocumentReport[];
}

/** GET /v1/quarantine. */
export interface QuarantineAnswer {
  readonly codes: readonly {
    readonly code: string;
    readonly count: number;
    readonly title: string;
    readonly remedy: string;
  }[];
  readonly journals: readonly {
    readonly gateway: string;
    readonly missing: number;
    readonly refused: number;
    readonly dropped: number;
    readonly lost: number;
    readonly reasons: Readonly<Record<string, number>>;
  }[];
  /** Newest first; `payload` is base64. */
  readonly samples: readonly {
    readonly time: string;
    readonly gateway: string;
    readonly topic: string;
    readonly code: string;
    readonly detail: string;
    readonly payload: string;
    readonly bytes: number;
  }[];
}

/** RFC 9457. */
export interface ProblemAnswer {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly remedy?: string;
}
