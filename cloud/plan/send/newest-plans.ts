import type { DesiredDocument } from '../../../shared/contracts/document.ts';
import type { PlanView } from '../../../shared/contracts/plan.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';
import type { DocumentStore } from './document-store.ts';

/** The newest plan of each gateway with its reports, in memory, because every view reads it. */
export class NewestPlans {
  readonly #plans = new Map<string, PlanView>();

  /** Loads what was issued before. */
  async load(store: DocumentStore, gateways: Iterable<string>): Promise<void> {
    for (const gateway of gateways) {
      const newest = await store.newest('plan', gateway);
      if (newest !== undefined) this.stored(newest.document, await store.reports(newest.document));
    }
  }

  stored(document: DesiredDocument, stages: DocumentReport[] = []): void {
    if (document.type !== 'plan') return;
    const { body, epoch, sequence, issuedAt, validUntil } = document;
    const known = this.#plans.get(document.gateway)?.document;
    const isOlder =
      known !== undefined && (epoch < known.epoch || (epoch === known.epoch && sequence < known.sequence));
    if (isOlder) return;
    this.#plans.set(document.gateway, { plan: body, document: { epoch, sequence, issuedAt, validUntil }, stages });
  }

  /** Adds a new report. */
  reported(gateway: string, report: DocumentReport): void {
    const known = this.#plans.get(gateway);
    if (known === undefined || report.type !== 'plan' || report.id !== known.plan.id) return;
    const { epoch, sequence } = known.document;
    if (report.epoch === epoch && report.sequence === sequence)
      this.#plans.set(gateway, { ...known, stages: [...known.stages, report] });
  }

  of(gateway: string): PlanView | undefined {
    return this.#plans.get(gateway);
  }
}
