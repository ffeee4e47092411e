import type { CommandState, CommandView } from '../../shared/contracts/command.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import type { KeptCommand } from './desk-store.ts';

/** A command with its way; `now` is plant time: what nobody has answered by the end of its acceptance counts as unanswered. */
export function commandView(command: KeptCommand, way: readonly DocumentReport[], now: number): CommandView {
  const { body, target, gateway, approver, issuedAt } = command;
  return {
    id: body.id,
    kind: body.kind,
    target,
    gateway,
    device: body.device ?? null,
    setpoint: body.setpoint ?? null,
    user: body.user,
    approver,
    reason: body.reason,
    measuredKw: command.measuredKw,
    issuedAt,
    expiresAt: body.expiresAt,
    state: stateOf(command, way, now),
    stages: way.map(({ stage, time, code, detail }) => ({ stage, time, code: code ?? null, detail: detail ?? null })),
  };
}

/** The furthest that a command has come: an end, else a refusal, else the last step of its way. */
function stateOf({ acceptUntil, endedAt }: KeptCommand, way: readonly DocumentReport[], now: number): CommandState {
  const has = (stage: DocumentReport['stage']): boolean => way.some((report) => report.stage === stage);
  if (has('rejected')) return 'refused';
  if (has('superseded')) return 'superseded';
  if (has('completed') || has('expired') || endedAt !== null) return 'completed';
  if (has('verified')) return 'verified';
  if (has('applied')) return 'applied';
  if (has('accepted')) return 'accepted';
  return now > acceptUntil ? 'unanswered' : 'sent';
}
