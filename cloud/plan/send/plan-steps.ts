import type { PlanBody } from '../../../shared/contracts/plan.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';

/** Hears of each step of a plan. Times are plant time, ms. */
export interface PlanSteps {
  /** It was begun and is worked out: it goes out now. */
  made(gateway: string, plan: PlanBody, begun: number, at: number): void;
  /** The broker has it; `fault`: it does not go. */
  sent(gateway: string, plan: PlanBody, at: number, fault?: string): void;
  /** What its gateway says of it, each once. */
  reported(gateway: string, report: DocumentReport): void;
}
