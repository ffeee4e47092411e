import type { PlanBody } from '../../../shared/contracts/plan.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';

/** Notified of each step of a plan. Times are plant time, ms. */
export interface PlanSteps {
  /** The plan is computed, from `begun` to `at`, and about to be sent. */
  made(gateway: string, plan: PlanBody, begun: number, at: number): void;
  /** The broker has it; `fault`: it could not be sent. */
  sent(gateway: string, plan: PlanBody, at: number, fault?: string): void;
  /** A report of its gateway, each once. */
  reported(gateway: string, report: DocumentReport): void;
}
