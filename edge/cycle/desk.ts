import type { CommandBody, DesiredDocument } from '../../shared/contracts/document.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { DocumentReport, DocumentStage } from '../../shared/contracts/report.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import type { DeviceSpec } from '../control/model.ts';
import { setpointKeys } from '../control/setpoint.ts';
import type { ControlState } from '../control/state.ts';

/** Who a document is from: what its reports repeat. */
export interface DocumentRef {
  readonly type: DesiredDocument['type'];
  readonly id: string;
  readonly epoch: number;
  readonly sequence: number;
}

export const refOf = (document: DesiredDocument): DocumentRef => {
  const { type, epoch, sequence } = document;
  const id = document.type === 'settings' ? `settings-${epoch}-${sequence}` : document.body.id;
  return { type, id, epoch, sequence };
};

export const reportOf = (
  ref: DocumentRef,
  stage: DocumentStage,
  time: number,
  why?: { code: string; detail: string },
): DocumentReport => ({ version: 1, ...ref, stage, time, ...(why === undefined ? {} : { ...why }) });

export interface CommandEffect {
  readonly state: ControlState;
  /** Outcome of the command first, then those of commands that it ended. */
  readonly reports: readonly DocumentReport[];
  readonly events: readonly LoadstoneEvent[];
}

/** Applies a command to what control remembers: pure. What cannot be is rejected with its code and changes nothing. */
export function applyCommand(
  command: CommandBody,
  ref: DocumentRef,
  state: ControlState,
  { specs, time }: { readonly specs: readonly DeviceSpec[]; readonly time: number },
): CommandEffect {
  const judged = judge(command, specs, { state, time });
  if (!judged.ok) {
    const { code, detail } = judged.fault;
    const text = `command ${command.kind} by ${command.user} is rejected: ${detail}`;
    return {
      state,
      reports: [reportOf(ref, 'rejected', time, { code, detail })],
      events: [event(command, time, { code, text, severity: 'low' })],
    };
  }
  const next = changed(command, state);
  const ended = state.overrides
    .filter(({ id }) => !next.overrides.some((each) => each.id === id))
    .map(({ id }) => ({
      ref: { ...ref, id },
      stage: command.kind === 'release' ? ('completed' as const) : ('superseded' as const),
    }));
  const text = `${command.kind} ${command.device ?? 'gateway'} by ${command.user}: ${command.reason}`;
  return {
    state: next,
    reports: [reportOf(ref, 'applied', time), ...ended.map((each) => reportOf(each.ref, each.stage, time))],
    events: [event(command, time, { code: `command.${command.kind}`, text, severity: 'info' })],
  };
}

function judge(
  { kind, device, setpoint, expiresAt }: CommandBody,
  specs: readonly DeviceSpec[],
  { state, time }: { readonly state: ControlState; readonly time: number },
): Outcome<null> {
  if (expiresAt <= time) return bad('LS-DOC-003', 'the command has expired');
  const spec = specs.find(({ id }) => id === device);
  if (device !== undefined && spec === undefined) return bad('LS-DOC-005', `there is no device ${device} here`);
  if (kind !== 'override') return good(null);
  if (spec === undefined) return bad('LS-DOC-005', 'an override names its device');
  const keys = setpointKeys.filter((key) => setpoint?.[key] !== undefined);
  if (keys.length === 0) return bad('LS-DOC-005', 'an override carries a setpoint');
  if (state.tagged.includes(spec.id)) return bad('LS-CONTROL-007', `${spec.id} is tagged`);
  if (state.stopped.gateway || state.stopped.devices.includes(spec.id)) {
    return bad('LS-CONTROL-007', `${spec.id} is stopped`);
  }
  if (spec.authority === 'none' || spec.authority === 'guard') {
    return bad(
      'LS-CONTROL-007',
      `the customer of ${spec.id} allows ${spec.authority === 'none' ? 'nothing' : 'the guard only'}`,
    );
  }
  const wrong = keys.find((key) => !takes(spec, key));
  if (wrong !== undefined) return bad('LS-DOC-005', `${spec.id} does not take ${wrong}`);
  return good(null);
}

function takes(
  { lever, maxReactiveKvar, takesVoltageTarget }: DeviceSpec,
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
  }
}

function changed(command: CommandBody, state: ControlState): ControlState {
  const { kind, device, setpoint, id, expiresAt, reason, user } = command;
  switch (kind) {
    case 'override': {
      const override = { id, device: device!, setpoint: { ...setpoint }, expiresAt, reason, user };
      return { ...state, overrides: [...state.overrides.filter((each) => each.device !== device), override] };
    }
    case 'release':
      return {
        ...state,
        overrides: device === undefined ? [] : state.overrides.filter((each) => each.device !== device),
      };
    case 'stop':
      return stopped(state, device);
    case 'resume':
      return resumed(state, device);
  }
}

/** Device absent: the whole gateway. */
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
  text: more.text.slice(0, 500),
  ...(device === undefined ? {} : { device }),
});
