import type { CommandState, CommandView } from '../../shared/contracts/command.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import type { StoredCommand } from './desk-store.ts';

/**
 * A command with its progress. `now` is plant time: a command without an answer by the end of its acceptance window counts as unanswered.
 */
export function commandView(command: StoredCommand, reports: readonly DocumentReport[], now: number): CommandView {
  const { body, target, gateway, approver, issuedAt } = command;
  return {
    id: body.id,
    kind: body.kind,
    target,
    gateway,
    device: body.device ?? null,
    setpoint: body.setpoint ?? null,
    ...(body.mode === undefined ? {} : { mode: body.mode }),
    user: body.user,
    approver,
    reason: body.reason,
    measuredKw: command.measuredKw,
    issuedAt,
    expiresAt: body.expiresAt,
    state: stateOf(command, reports, now),
    stages: reports.map(({ stage, time, code, detail }) => ({
      stage,
      time,
      code: code ?? null,
      detail: detail ?? null,
    })),
  };
}

/** State of a command: a refusal, else an end, else the last step of its life cycle. */
function stateOf(
  { acceptUntil, endedAt }: StoredCommand,
  reports: readonly DocumentReport[],
  now: number,
): CommandState {
  const has = (stage: DocumentReport['stage']): boolean => reports.some((report) => report.stage === stage);
  if (has('rejected')) return 'refused';
  if (has('superseded')) return 'superseded';
  if (has('completed') || has('expired') || endedAt !== null) return 'completed';
  if (has('verified')) return 'verified';
  if (has('applied')) return 'applied';
  if (has('accepted')) return 'accepted';
  return now > acceptUntil ? 'unanswered' : 'sent';
}
