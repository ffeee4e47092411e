import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import { reportIdOf, type CommandBody, type DesiredDocument } from '../../shared/contracts/document.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { DocumentReport, DocumentStage } from '../../shared/contracts/report.ts';
import { good, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import { refused } from '../../shared/sentences/refused.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import { TRANSFORMER, type DeviceSpec, type ElementSpec } from '../control/model.ts';
import { elementId } from '../control/plan-follower.ts';
import { setpointKeys, type Setpoint } from '../control/setpoint.ts';
import { modeOf, type ControlState } from '../control/state.ts';

/** Identifies a document; its reports repeat these fields. */
export interface DocumentRef {
  readonly type: DesiredDocument['type'];
  readonly id: string;
  readonly epoch: number;
  readonly sequence: number;
}

export const refOf = (document: DesiredDocument): DocumentRef => {
  const { type, epoch, sequence } = document;
  return { type, id: reportIdOf(document), epoch, sequence };
};

export const reportOf = (
  ref: DocumentRef,
  stage: DocumentStage,
  time: number,
  why?: { code: string; detail: string },
): DocumentReport => ({ version: 1, ...ref, stage, time, ...(why === undefined ? {} : { ...why }) });

export interface CommandEffect {
  readonly state: ControlState;
  /** Outcome of the command first, then those of commands it ended. */
  readonly reports: readonly DocumentReport[];
  readonly events: readonly LoadstoneEvent[];
}

/** The site that a command is checked against. */
export interface CommandSite {
  readonly specs: readonly DeviceSpec[];
  readonly elements: readonly ElementSpec[];
  readonly substation: string;
}

export interface CommandMoment extends CommandSite {
  /** Plant time, ms UTC. */
  readonly time: number;
  /** A reason to reject beyond control state, such as another user's selection of the device. */
  readonly barred?: Fault | undefined;
}

/** Applies a command to control state; pure. An invalid command is rejected with its code and changes nothing. */
export function applyCommand(
  command: CommandBody,
  ref: DocumentRef,
  state: ControlState,
  site: CommandMoment,
): CommandEffect {
  const { time, barred } = site;
  const allowed = judge(command, site, state);
  const judged: Outcome<null> = allowed.ok && barred !== undefined ? { ok: false, fault: barred } : allowed;
  if (!judged.ok) {
    const { code, detail } = judged.fault;
    const { kind, user } = command;
    const text = formatMessage('any', 'command {kind} by {user} is rejected: {detail}', { kind, user, detail });
    return {
      state,
      reports: [reportOf(ref, 'rejected', time, { code, detail })],
      events: [event(command, time, { code, text, severity: 'low' })],
    };
  }
  const next = changed(command, state, site);
  const ended = state.overrides
    .filter(({ id }) => !next.overrides.some((each) => each.id === id))
    .map(({ id }) => ({
      ref: { ...ref, id },
      stage: command.kind === 'release' ? ('completed' as const) : ('superseded' as const),
    }));
  return {
    state: next,
    reports: [reportOf(ref, 'applied', time), ...ended.map((each) => reportOf(each.ref, each.stage, time))],
    events: [event(command, time, { ...commandSays(command), severity: 'info' })],
  };
}

function commandSays(command: CommandBody): Pick<LoadstoneEvent, 'code' | 'text'> {
  const { kind, device, feeder, element, plan, mode, user, reason } = command;
  const values = { target: device ?? feeder ?? element ?? plan ?? 'gateway', user, reason };
  if (kind === 'mode')
    return {
      code: 'command.mode',
      text: formatMessage('command.mode', 'mode {mode} at {target} by {user}: {reason}', { mode: mode!, ...values }),
    };
  const code = `command.${kind}` as const;
  return { code, text: formatMessage(code, `${kind} {target} by {user}: {reason}` as const, values) };
}

function judge(command: CommandBody, site: CommandMoment, state: ControlState): Outcome<null> {
  const { kind, device, feeder, expiresAt } = command;
  const spec = site.specs.find(({ id }) => id === device);
  if (expiresAt <= site.time) return refused('LS-DOC-003', 'the command has expired');
  if (device !== undefined && spec === undefined)
    return refused('LS-DOC-005', 'there is no device {device} here', { device });
  if (feeder !== undefined && devicesOf(feeder, site).length === 0)
    return refused('LS-DOC-005', 'no device lies behind {feeder} here', { feeder });
  switch (kind) {
    case 'select':
    case 'override':
      return spec === undefined
        ? refused('LS-DOC-005', 'an override names its device')
        : judgeOverride(command, spec, state);
    case 'cancel':
      return spec === undefined ? refused('LS-DOC-005', 'a cancel names its device') : good(null);
    case 'tag':
    case 'untag':
      return device === undefined && feeder === undefined
        ? refused('LS-DOC-005', 'a tag names its device or feeder')
        : good(null);
    case 'mode':
      return command.mode === undefined ? refused('LS-DOC-005', 'it names no mode') : good(null);
    case 'approve-plan':
    case 'refuse-plan':
      return command.plan === undefined ? refused('LS-DOC-005', 'it names no plan') : good(null);
    case 'emergency':
      return judgeEmergency(command, site);
    case 'resume':
      return judgeResume(device ?? feeder, state);
    case 'release':
    case 'stop':
    case 'normal':
      return good(null);
  }
}

/** While the whole gateway is stopped, a part of it cannot be resumed. */
export function judgeResume(part: string | undefined, { stopped: { gateway } }: ControlState): Outcome<null> {
  return part !== undefined && gateway ? refused('LS-CONTROL-007', 'the whole gateway is stopped') : good(null);
}

function judgeEmergency({ element = '' }: CommandBody, { elements, substation }: CommandSite): Outcome<null> {
  const found = elements.find(({ id }) => id === elementId(element, substation));
  if (found === undefined)
    return element === ''
      ? refused('LS-DOC-005', 'it names no element')
      : refused('LS-DOC-005', '{element} is not guarded here', { element });
  return found.emergency
    ? good(null)
    : refused('LS-CONTROL-008', '{element} has no emergency limits at this gateway', { element });
}

function judgeOverride({ setpoint }: CommandBody, spec: DeviceSpec, state: ControlState): Outcome<null> {
  const device = spec.id;
  const keys = setpointKeys.filter((key) => setpoint?.[key] !== undefined);
  if (keys.length === 0) return refused('LS-DOC-005', 'an override carries a setpoint');
  if (spec.authority === 'guard')
    return refused('LS-CONTROL-007', 'the customer of {device} allows the guard only', { device });
  return judgeByHand(setpoint, spec, state);
}

/** Whether a person's setpoint, or none, can take effect at a device. */
export function judgeByHand(setpoint: Setpoint | undefined, spec: DeviceSpec, state: ControlState): Outcome<null> {
  const device = spec.id;
  if (state.tagged.includes(spec.id)) return refused('LS-CONTROL-007', '{device} is tagged', { device });
  if (state.stopped.gateway || state.stopped.devices.includes(spec.id)) {
    return refused('LS-CONTROL-007', '{device} is stopped', { device });
  }
  if (modeOf(state, spec.feeder) === 'monitor')
    return refused('LS-CONTROL-007', '{device} is watched only: its mode is monitor', { device });
  if (spec.authority === 'none')
    return refused('LS-CONTROL-007', 'the customer of {device} allows nothing', { device });
  const wrong = setpointKeys.find((key) => setpoint?.[key] !== undefined && !takes(spec, key));
  return wrong === undefined
    ? good(null)
    : refused('LS-DOC-005', '{device} does not take {quantity}', { device, quantity: wrong });
}

/** Devices behind a feeder. The cloud names a feeder by its network id, the gateway by its meter. */
const devicesOf = (feeder: string, { specs, substation }: CommandSite): string[] =>
  specs.filter((spec) => spec.feeder === elementId(feeder, substation)).map(({ id }) => id);

function takes(
  { lever, maxReactiveKvar, takesVoltageTarget, capacitorSteps }: DeviceSpec,
  key: (typeof setpointKeys)[number],
): boolean {
  switch (key) {
    case 'activePowerKw':
      return lever === 'power';
    case 'activePowerLimitKw':
      return lever === 'import-limit' || lever === 'export-limit';
    case 'reactivePowerKvar':
      return maxReactiveKvar > 0;
    case 'voltageTargetPu':
      return takesVoltageTarget;
    case 'capacitorStep':
      return capacitorSteps > 0;
  }
}

function changed(command: CommandBody, state: ControlState, site: CommandMoment): ControlState {
  const { kind, device, feeder, setpoint, id, expiresAt, reason, user } = command;
  const leftS = (expiresAt - site.time) / 1000;
  const named = device !== undefined ? [device] : feeder === undefined ? undefined : devicesOf(feeder, site);
  switch (kind) {
    case 'select':
    case 'cancel':
      return state;
    case 'override': {
      const override = { id, device: device!, setpoint: { ...setpoint }, expiresAt, leftS, reason, user };
      return { ...state, overrides: [...state.overrides.filter((each) => each.device !== device), override] };
    }
    case 'release':
      return { ...state, overrides: state.overrides.filter((each) => named?.includes(each.device) === false) };
    case 'stop':
      return named === undefined ? stopped(state, undefined) : named.reduce(stopped, state);
    case 'resume':
      return named === undefined ? resumed(state, undefined) : named.reduce(resumed, state);
    case 'tag':
      return { ...state, tagged: [...new Set([...state.tagged, ...named!])] };
    case 'untag':
      return { ...state, tagged: state.tagged.filter((each) => !named!.includes(each)) };
    case 'mode': {
      if (feeder === undefined) return { ...state, mode: command.mode!, feederModes: {} };
      return {
        ...state,
        feederModes: { ...state.feederModes, [elementId(feeder, site.substation)]: command.mode! },
      };
    }
    case 'approve-plan':
    case 'refuse-plan': {
      const verdict = kind === 'approve-plan' ? 'approved' : 'refused';
      return { ...state, judged: { plan: command.plan!, verdict, user } };
    }
    case 'emergency':
    case 'normal': {
      const element = elementId(command.element ?? TRANSFORMER, site.substation);
      const others = (state.emergency ?? []).filter((each) => each.element !== element);
      return { ...state, emergency: kind === 'normal' ? others : [...others, { id, element, expiresAt, leftS }] };
    }
  }
}

/** Stops a device; without `device`, the whole gateway. */
export function stopped(state: ControlState, device: string | undefined): ControlState {
  const { gateway, devices } = state.stopped;
  if (device === undefined) return { ...state, stopped: { gateway: true, devices } };
  return { ...state, stopped: { gateway, devices: [...new Set([...devices, device])] } };
}

export function resumed(state: ControlState, device: string | undefined): ControlState {
  if (device === undefined) return { ...state, stopped: { gateway: false, devices: [] } };
  const { gateway, devices } = state.stopped;
  return { ...state, stopped: { gateway, devices: devices.filter((each) => each !== device) } };
}

const event = (
  { id, device }: CommandBody,
  time: number,
  more: Pick<LoadstoneEvent, 'code' | 'text' | 'severity'>,
): LoadstoneEvent => ({
  time,
  kind: 'outcome',
  subject: id,
  ...more,
  text: fitText(more.text, EVENT_TEXT),
  ...(device === undefined ? {} : { device }),
});
