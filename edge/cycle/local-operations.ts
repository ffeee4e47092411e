import { good, type Outcome } from '../../shared/outcome/outcome.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import { checkLocalRequest, type LocalAnswer, type LocalRequest } from '../local/protocol.ts';
import { judgeByHand, judgeResume, resumed, stopped } from './desk.ts';
import type { Cycle } from './cycle.ts';
import type { DeviceSpec } from '../control/model.ts';
import type { ManualState } from '../control/state.ts';

const USER = 'local';

export interface LocalSite {
  readonly cycle: Cycle;
  readonly specs: readonly DeviceSpec[];
  /** Plant time, ms UTC. */
  readonly now: () => number;
  readonly status: () => Extract<LocalAnswer, { status: unknown }>['status'];
}

/** Executes a request of a person at the site. It works without the cloud and logs each change as an audit event. */
export function localOperation(input: unknown, site: LocalSite): LocalAnswer {
  const checked = checkLocalRequest(input);
  if (!checked.ok) return { ok: false, code: checked.fault.code, text: checked.fault.detail };
  const request = checked.value;
  const device = 'device' in request ? request.device : undefined;
  if (device !== undefined && !site.specs.some(({ id }) => id === device)) {
    const known = site.specs.map(({ id }) => id).join(', ');
    return { ok: false, code: 'LS-API-004', text: `there is no device ${device} here; there are ${known}` };
  }
  if (request.op === 'status' || request.op === 'check') return { ok: true, status: site.status() };
  const outside = outsideRatings(request, site.specs);
  if (outside !== undefined) return { ok: false, code: 'LS-API-001', text: outside };
  const judged = judge(request, site);
  if (!judged.ok) return { ok: false, code: judged.fault.code, text: judged.fault.detail };
  const text = change(request, site);
  return { ok: true, text };
}

function change(request: Exclude<LocalRequest, { op: 'status' | 'check' }>, { cycle, now }: LocalSite): string {
  const later = cycle.isRestored ? '' : ' once the state before the restart is known';
  const what = 'device' in request && request.device !== undefined ? request.device : 'the gateway';
  const { reason } = request;
  switch (request.op) {
    case 'mode':
      cycle.change(
        // Also clears feeder modes: otherwise feeders whose mode an operator has set would keep it.
        (state) => ({ ...state, mode: request.mode, feederModes: {} }),
        formatMessage('local.change', 'mode {mode}: {reason}', { mode: request.mode, reason }),
      );
      return `mode is ${request.mode}`;
    case 'stop':
      cycle.change(
        (state) => stopped(state, request.device),
        formatMessage('local.change', 'stop of {what}: {reason}', { what, reason }),
      );
      return `${what} goes to its safe default${later}`;
    case 'resume':
      cycle.change(
        (state) => resumed(state, request.device),
        formatMessage('local.change', 'stop of {what} lifted: {reason}', { what, reason }),
      );
      return `${what} is no longer stopped${later}`;
    case 'tag':
      cycle.change(
        (state) => ({ ...state, tagged: [...new Set([...state.tagged, request.device])] }),
        formatMessage('local.change', 'tag on {what}: {reason}', { what, reason }),
      );
      return `${what} is tagged and gets no commands`;
    case 'untag':
      cycle.change(
        (state) => ({ ...state, tagged: state.tagged.filter((each) => each !== request.device) }),
        formatMessage('local.change', 'tag off {what}: {reason}', { what, reason }),
      );
      return `${what} is no longer tagged`;
    case 'manual': {
      const others = (list: readonly ManualState[]): ManualState[] =>
        list.filter(({ device }) => device !== (request.device ?? null));
      if (!request.on) {
        cycle.change(
          (state) => ({ ...state, manual: request.device === undefined ? [] : others(state.manual) }),
          formatMessage('local.change', 'manual off for {what}: {reason}', { what, reason }),
        );
        return `${what} follows its targets again`;
      }
      const entry: ManualState = {
        device: request.device ?? null,
        setpoint: request.setpoint ?? null,
        expiresAt: now() + request.forS * 1000,
        reason: request.reason,
        user: USER,
      };
      cycle.change(
        (state) => ({ ...state, manual: [...others(state.manual), entry] }),
        formatMessage('local.change', 'manual on for {what}: {reason}', { what, reason }),
      );
      return `${what} is in local manual for ${request.forS} s${later}; the guard stays on`;
    }
  }
}

/** Refuses what would have no effect, as for commands of the cloud. */
function judge(request: LocalRequest, { specs, cycle: { state } }: LocalSite): Outcome<null> {
  if (request.op === 'resume') return judgeResume(request.device, state);
  if (request.op !== 'manual' || !request.on) return good(null);
  const spec = specs.find(({ id }) => id === request.device);
  return spec === undefined ? good(null) : judgeByHand(request.setpoint, spec, state);
}

/** Describes what part of a manual setpoint exceeds the device's ratings; undefined if none does. */
function outsideRatings(request: LocalRequest, specs: readonly DeviceSpec[]): string | undefined {
  if (request.op !== 'manual' || request.setpoint === undefined) return undefined;
  const spec = specs.find(({ id }) => id === request.device);
  if (spec === undefined) return undefined;
  const { rating, maxReactiveKvar, capacitorSteps } = spec;
  const { activePowerKw, activePowerLimitKw, reactivePowerKvar, capacitorStep } = request.setpoint;
  const ranges: [key: string, value: number | undefined, least: number, most: number][] = [
    ['activePowerKw', activePowerKw, rating.minKw, rating.maxKw],
    ['activePowerLimitKw', activePowerLimitKw, 0, Math.max(-rating.minKw, rating.maxKw)],
    ['reactivePowerKvar', reactivePowerKvar, -maxReactiveKvar, maxReactiveKvar],
    ['capacitorStep', capacitorStep, 0, capacitorSteps],
  ];
  const wrong = ranges.find(([, value, least, most]) => value !== undefined && (value < least || value > most));
  if (wrong === undefined) return undefined;
  const [key, value, least, most] = wrong;
  return `${key} ${value} is outside the ratings of ${spec.id}: give ${least === 0 ? 0 : least} to ${most}`;
}
