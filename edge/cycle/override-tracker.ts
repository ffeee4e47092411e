import type { DocumentReport, DocumentStage } from '../../shared/contracts/report.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { ControlState } from '../control/state.ts';
import { kwText } from '../control/setpoint.ts';
import { reportOf } from './desk.ts';
import type { StepResult } from './step-types.ts';

export interface OverrideFacts {
  /** Last outcome of each command; the tracker's reports repeat its epoch and sequence. */
  readonly outcomes: readonly DocumentReport[];
  /** Whether a device reads back its setpoint. */
  readonly matches: (device: string) => boolean;
}

/** Reports the stages of each override after it was applied: clamped, verified by readback, completed when its time has run out. */
export class OverrideTracker {
  readonly #reportedStages = new Map<string, Set<DocumentStage>>();

  after(before: ControlState, { state, decisions, image }: StepResult, facts: OverrideFacts): DocumentReport[] {
    const reports: DocumentReport[] = [];
    const say = (id: string, stage: DocumentStage, why?: { code: string; detail: string }): void => {
      const reported = this.#reportedStages.get(id) ?? new Set();
      this.#reportedStages.set(id, reported);
      if (reported.has(stage)) return;
      reported.add(stage);
      const known = facts.outcomes.find((report) => report.id === id);
      const ref = { type: 'command' as const, id, epoch: known?.epoch ?? 0, sequence: known?.sequence ?? 0 };
      reports.push(reportOf(ref, stage, image.time, why));
    };
    for (const { device, source, subject, limitedBy, kw } of decisions) {
      if (source !== 'override' || subject === null) continue;
      const names = state.overrides.find(({ id }) => id === subject)?.setpoint ?? {};
      const isPower = names.activePowerKw !== undefined || names.activePowerLimitKw !== undefined;
      if (isPower && limitedBy !== null && limitedBy !== 'ramp') {
        const detail = formatMessage('LS-CONTROL-002', '{device} to {power} kW by {bound}', {
          device,
          power: kwText(kw),
          bound: limitedBy,
        });
        say(subject, 'clamped', { code: 'LS-CONTROL-002', detail });
      }
      if (facts.matches(device)) say(subject, 'verified');
    }
    for (const { id } of before.overrides) {
      const runOut = !state.overrides.some((each) => each.id === id);
      if (runOut) say(id, 'completed');
    }
    for (const id of this.#reportedStages.keys()) {
      if (!state.overrides.some((each) => each.id === id)) this.#reportedStages.delete(id);
    }
    return reports;
  }
}
