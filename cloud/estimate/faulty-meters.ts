import { sayEstimate } from '../../shared/sentences/estimate-forms.ts';
import type { MeterFinding } from './state.ts';

export type FaultyMeters = Readonly<Record<string, 'reversed' | 'dead'>>;

/** The findings last sent to a gateway and when; plant time, ms UTC. */
export interface SentFindings {
  readonly meters: FaultyMeters;
  readonly at: number;
}

/**
 * The findings that the cloud had when it stopped. They are newer than the history, which shows a mended fault for weeks; running readings
 * refute them. Takes the history's evidence where it has the same finding.
 */
export function resumedFindings({ meters, at }: SentFindings, history: readonly MeterFinding[]): MeterFinding[] {
  return Object.entries(meters).map(
    ([device, finding]) =>
      history.find((each) => each.device === device && each.finding === finding) ?? {
        device,
        finding,
        since: at,
        ...sayEstimate('was found {finding} before the cloud was started again, and no reading has refuted it', {
          finding,
        }),
      },
  );
}

/** Findings for the gateway: dead and reversed meters, which are certain. The gateway judges the others itself. */
export function faultyMeters(findings: readonly MeterFinding[]): Record<string, 'reversed' | 'dead'> {
  const faulty: Record<string, 'reversed' | 'dead'> = {};
  for (const { device, finding } of findings)
    if (finding === 'dead' || finding === 'reversed') faulty[device] = finding;
  return faulty;
}
