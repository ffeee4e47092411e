import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import { planBegin, type PlanDocument } from '../../shared/contracts/document.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { PlanBody } from '../../shared/contracts/plan.ts';
import type { DocumentReport, DocumentStage } from '../../shared/contracts/report.ts';
import { refused } from '../../shared/sentences/refused.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import { kwText } from '../control/setpoint.ts';
import { refOf, reportOf } from './desk.ts';
import type { StepResult } from './step-types.ts';

export interface StageReport {
  readonly reports: readonly DocumentReport[];
  readonly events: readonly LoadstoneEvent[];
}

const severityOf: Partial<Record<DocumentStage, LoadstoneEvent['severity']>> = {
  'assumption-failed': 'medium',
  rejected: 'medium',
  clamped: 'low',
};

/** The newest plan and its life cycle. Each stage is reported once, as a report and as an event. */
export class PlanTracker {
  readonly #substation: string;
  #plan: PlanDocument | null = null;
  /** The newest plan while its first step is still in the future. */
  #coming: PlanDocument | null = null;
  #reportedStages = new Set<DocumentStage>();

  constructor(substation: string) {
    this.#substation = substation;
  }

  get plan(): PlanDocument | null {
    return this.#plan;
  }

  /**
   * Resumes a plan held before a restart without reporting it again; the plan in force comes before the one that waits for its first
   * step. A refused plan stays refused.
   */
  restore(plan: PlanDocument, time: number): void {
    if (this.#wrong(plan) !== undefined) return;
    if (this.#plan !== null && planBegin(plan) > time) {
      this.#coming = plan;
      return;
    }
    this.#plan = plan;
    this.#reportedStages = new Set(['applied']);
  }

  /**
   * Takes a new plan in place of the old one if it is for this substation and complete. The old plan stays in force until the new
   * one's first step begins by the gateway's clock.
   */
  offer(plan: PlanDocument, time: number): StageReport {
    const wrong = this.#wrong(plan);
    if (wrong !== undefined) return stageReport(plan, 'rejected', time, wrong);
    const coming = this.#coming;
    const early = this.#plan !== null && planBegin(plan) > time;
    this.#coming = early ? plan : null;
    const passed = coming === null ? NOTHING : stageReport(coming, 'superseded', time);
    return early ? passed : both(passed, this.#begins(plan, time));
  }

  /** Puts a waiting plan into force once its first step begins. */
  turn(time: number): StageReport {
    const coming = this.#coming;
    if (coming === null || planBegin(coming) > time) return NOTHING;
    this.#coming = null;
    return this.#begins(coming, time);
  }

  #begins(plan: PlanDocument, time: number): StageReport {
    const before = this.#plan;
    this.#plan = plan;
    const over = before !== null && !this.#reportedStages.has('completed') && !this.#reportedStages.has('expired');
    this.#reportedStages = new Set();
    return over ? stageReport(before, 'superseded', time) : NOTHING;
  }

  /**
   * Reports the plan's progress in this cycle from the decisions for commanded devices. `verified`: these devices read back their
   * setpoints.
   */
  after(
    { decisions, planStep, state, image }: StepResult,
    verified: (devices: readonly string[]) => boolean,
  ): StageReport {
    const plan = this.#plan;
    if (plan === null) return NOTHING;
    const { time } = image;
    const followed = decisions.filter(({ source, subject }) => source === 'cloud-plan' && subject === plan.body.id);
    const acting = state.mode === 'automatic' || followed.length > 0;
    const letGo = state.watch.planId === plan.body.id ? state.watch.letGo : null;
    const cut = followed.filter((each) => clamped(each) && !isOwnBound(plan.body, planStep, each));
    const stages: [DocumentStage, boolean, { code: string; detail: string }?][] = [
      ['applied', acting && planStep !== null && letGo === null],
      ['clamped', cut.length > 0, { code: 'LS-CONTROL-002', detail: clampedText(cut) }],
      ['verified', verified(followed.filter(({ kw }) => kw !== null).map(({ device }) => device))],
      ['assumption-failed', letGo !== null, { code: 'LS-CONTROL-001', detail: letGo ?? '' }],
      ['expired', planStep === null && time >= plan.validUntil],
      ['completed', planStep === null && time < plan.validUntil && time >= endOf(plan)],
    ];
    const all = stages
      .filter(([stage, holds]) => holds && !this.#reportedStages.has(stage))
      .map(([stage, , why]) => {
        this.#reportedStages.add(stage);
        return stageReport(plan, stage, time, why);
      });
    return { reports: all.flatMap(({ reports }) => reports), events: all.flatMap(({ events }) => events) };
  }

  #wrong({ body }: PlanDocument): { code: string; detail: string } | undefined {
    if (body.substation !== this.#substation) {
      return refused('LS-DOC-004', 'for substation {substation}; this is {own}', {
        substation: body.substation,
        own: this.#substation,
      }).fault;
    }
    const steps = body.horizon.stepsS.length;
    if (body.envelope !== undefined && body.envelope.length !== steps)
      return refused('LS-DOC-005', 'the common envelope has not one value for each of the {steps} steps', { steps })
        .fault;
    for (const { id, envelope, meter } of body.connectionPoints ?? [])
      if (envelope.length !== steps || meter.length !== steps)
        return refused('LS-DOC-005', 'connection point {point} has not one value for each of the {steps} steps', {
          point: id,
          steps,
        }).fault;
    for (const each of body.devices) {
      const arrays = [
        each.activePowerKw,
        each.reactivePowerKvar,
        each.activePowerLimitKw,
        each.voltageTargetPu,
        each.capacitorStep,
        each.envelope,
      ];
      if (arrays.some((values) => values !== undefined && values.length !== steps)) {
        return refused('LS-DOC-005', '{device} has not one value for each of the {steps} steps', {
          device: each.device,
          steps,
        }).fault;
      }
    }
    return undefined;
  }
}

const NOTHING: StageReport = { reports: [], events: [] };

const both = (first: StageReport, second: StageReport): StageReport => ({
  reports: [...first.reports, ...second.reports],
  events: [...first.events, ...second.events],
});

const clamped = ({ limitedBy }: StepResult['decisions'][number]): boolean =>
  limitedBy !== null && limitedBy !== 'ramp' && limitedBy !== 'rating';

/** A device without a target in the plan is meant to be held by the plan's envelope; that is no clamping. */
function isOwnBound(
  { devices }: PlanBody,
  planStep: number | null,
  { device, limitedBy }: StepResult['decisions'][number],
): boolean {
  const own = devices.find((each) => each.device === device);
  const isFree = (own?.activePowerKw ?? own?.activePowerLimitKw)?.[planStep ?? 0] === null;
  return limitedBy === 'envelope' && isFree;
}

const MOST_CLAMPED_CHARACTERS = 300;

/** Lists what setpoints were clamped to, and by which limit. Those that do not fit are counted. */
export function clampedText(
  decisions: readonly Pick<StepResult['decisions'][number], 'device' | 'kw' | 'limitedBy'>[],
): string {
  const texts = decisions.map(({ device, kw, limitedBy }) =>
    formatMessage('LS-CONTROL-002', '{device} to {power} kW by {bound}', {
      device,
      power: kwText(kw),
      bound: limitedBy ?? 'none',
    }),
  );
  let shown = texts.length;
  const text = (): string =>
    `${texts.slice(0, shown).join(', ')}${shown < texts.length ? ` and ${texts.length - shown} more` : ''}`;
  while (text().length > MOST_CLAMPED_CHARACTERS && shown > 1) shown--;
  return text();
}

function endOf({ body }: PlanDocument): number {
  return body.horizon.start + 1000 * body.horizon.stepsS.reduce((sum, each) => sum + each, 0);
}

function stageReport(
  plan: PlanDocument,
  stage: DocumentStage,
  time: number,
  why?: { code: string; detail: string },
): StageReport {
  const ref = refOf(plan);
  const values = { id: ref.id, epoch: ref.epoch, sequence: ref.sequence, stage };
  const text =
    why === undefined
      ? formatMessage('any', 'plan {id} ({epoch}, {sequence}) is {stage}', values)
      : formatMessage('any', 'plan {id} ({epoch}, {sequence}) is {stage}: {detail}', { ...values, detail: why.detail });
  return {
    reports: [reportOf(ref, stage, time, why)],
    events: [
      {
        time,
        kind: 'outcome',
        severity: severityOf[stage] ?? 'info',
        code: why?.code ?? `plan.${stage}`,
        text: fitText(text, EVENT_TEXT),
        subject: ref.id,
      },
    ],
  };
}
