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
  readonly limits: { readonly importKw: number; readonly exportKw: number };
  readonly probabilityAboveImport?: readonly number[];
  readonly probabilityAboveExport?: readonly number[];
  readonly model: {
    readonly id: string;
    readonly sha256: string | null;
    readonly members: Readonly<Record<string, number>>;
  };
  readonly weather: { readonly source: string; readonly issuedAt: string; readonly hindcast: boolean } | null;
  readonly inputCompleteness: number;
  readonly fallback: { readonly level: string; readonly reason: string; readonly since: string } | null;
  readonly calibration: { readonly window: string; readonly coverage80: number; readonly n: number } | null;
  readonly warnings: readonly string[];
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

/** RFC 9457. */
export interface ProblemAnswer {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly remedy?: string;
}
