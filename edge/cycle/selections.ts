import type { CommandBody, CommandDocument } from '../../shared/contracts/document.ts';
import type { DocumentReport, DocumentStage } from '../../shared/contracts/report.ts';
import type { Fault, Outcome } from '../../shared/outcome/outcome.ts';
import { refused } from '../../shared/sentences/refused.ts';
import { setpointKeys } from '../control/setpoint.ts';
import type { ControlState } from '../control/state.ts';
import { applyCommand, refOf, reportOf, type CommandEffect, type CommandMoment, type DocumentRef } from './desk.ts';

/** How long a selection is held, ms of machine time (sboTimeout of IEC 61850-7-2). */
const HELD_MS = 30_000;

/** What a user has selected and will do once it is confirmed. */
interface Selected {
  readonly ref: DocumentRef;
  readonly device: string;
  readonly user: string;
  readonly setpoint: NonNullable<CommandBody['setpoint']>;
  readonly durationS: number;
  /** Elapsed machine time at which the selection lapses, ms. */
  readonly untilMs: number;
}

export interface SelectionMoment extends CommandMoment {
  /** Elapsed machine time, ms. */
  readonly elapsedMs: number;
}

/**
 * Select before operate (IEC 61850-7-2; select and execute of IEC 60870-5-101). A device is held for one user and one value until
 * its override, a cancel, or 30 s. The first user wins; others wait. A selection is no control: a stop, a tag or a release never
 * waits for it. A restart drops it, so that nothing selected before can be confirmed after.
 */
export class Selections {
  /** By device: at most one selection each. */
  readonly #held = new Map<string, Selected>();

  /** Ends selections that have lapsed; each is reported as expired. */
  lapse({ time, elapsedMs }: Pick<SelectionMoment, 'time' | 'elapsedMs'>): DocumentReport[] {
    return [...this.#held.values()]
      .filter(({ untilMs }) => untilMs <= elapsedMs)
      .map((selected) => this.#end(selected, 'expired', time));
  }

  /** Applies a command like `applyCommand`, unless a selection bars it. Outcomes of selections it ends come last. */
  apply(document: CommandDocument, state: ControlState, moment: SelectionMoment): CommandEffect {
    const { body } = document;
    const lapsed = this.lapse(moment);
    const barred = this.#barring(document, moment.elapsedMs);
    const effect = applyCommand(body, refOf(document), state, { ...moment, barred });
    const ended = this.#follow(document, effect.reports[0]?.stage === 'applied', moment);
    return { ...effect, reports: [...effect.reports, ...lapsed, ...ended] };
  }

  /**
   * Holds a new selection and ends the one that this command names or replaces. Naming a selection uses it up, even if the command
   * is rejected.
   */
  #follow(
    { body, ...head }: CommandDocument,
    applied: boolean,
    { time, elapsedMs }: SelectionMoment,
  ): DocumentReport[] {
    const { kind, device = '', user, setpoint = {}, durationS = 0, selection } = body;
    const before = this.#held.get(device);
    const named = this.#named(selection);
    if (kind === 'cancel') return applied && named !== undefined ? [this.#end(named, 'superseded', time)] : [];
    if (kind === 'select') {
      if (!applied) return [];
      const ended = before === undefined ? [] : [this.#end(before, 'superseded', time)];
      const ref = refOf({ ...head, body });
      this.#held.set(device, { ref, device, user, setpoint, durationS, untilMs: elapsedMs + HELD_MS });
      return ended;
    }
    if (kind !== 'override') return [];
    if (named !== undefined) return [this.#end(named, 'completed', time)];
    return applied && before !== undefined ? [this.#end(before, 'superseded', time)] : [];
  }

  #barring(document: CommandDocument, elapsedMs: number): Fault | undefined {
    const { kind, device, user, selection, durationS } = document.body;
    if (kind === 'cancel') return cancels(document, this.#named(selection));
    if (device === undefined || (kind !== 'select' && kind !== 'override')) return undefined;
    if (kind === 'override' && selection !== undefined) return confirms(document, this.#named(selection));
    if (kind === 'select' && durationS === undefined)
      return faultOf(refused('LS-DOC-005', 'a selection says for how long'));
    const held = this.#held.get(device);
    if (held === undefined || held.user === user) return undefined;
    const leftS = Math.ceil((held.untilMs - elapsedMs) / 1000);
    return faultOf(
      refused('LS-CONTROL-009', '{user} has selected {device}, for another {seconds} s at the most', {
        user: held.user,
        device,
        seconds: leftS,
      }),
    );
  }

  #named(id: string | undefined): Selected | undefined {
    return [...this.#held.values()].find(({ ref }) => ref.id === id);
  }

  #end({ ref, device }: Selected, stage: DocumentStage, time: number): DocumentReport {
    this.#held.delete(device);
    return reportOf(ref, stage, time);
  }
}

/** Why an override does not match its selection; undefined if it does. It may last no longer than selected, counted from its issue. */
function confirms({ body, issuedAt }: CommandDocument, selected: Selected | undefined): Fault | undefined {
  const { device, user, setpoint, durationS, expiresAt } = body;
  if (selected === undefined)
    return faultOf(
      refused('LS-CONTROL-010', 'the selection was used, has lapsed after 30 s, or was dropped in a restart'),
    );
  if (selected.user !== user)
    return faultOf(refused('LS-CONTROL-010', "the selection is {user}'s", { user: selected.user }));
  if (selected.device !== device) return wrongDevice(selected, device);
  if (setpointKeys.some((key) => selected.setpoint[key] !== setpoint?.[key]))
    return faultOf(refused('LS-CONTROL-010', 'the setpoint is not the one that was selected'));
  if (selected.durationS !== durationS || expiresAt - issuedAt > selected.durationS * 1000)
    return faultOf(refused('LS-CONTROL-010', 'the duration is not the one that was selected'));
  return undefined;
}

/**
 * Why a selection cannot be cancelled; undefined if it can. As with Cancel in IEC 61850-7-2, only the client that selected may
 * cancel; an attempt by another leaves the selection. A used or lapsed selection is refused, because it may have acted.
 */
function cancels({ body: { device, user } }: CommandDocument, selected: Selected | undefined): Fault | undefined {
  if (selected === undefined)
    return faultOf(
      refused('LS-CONTROL-010', 'there is none to cancel: it was used, has lapsed, or was dropped in a restart'),
    );
  if (selected.user !== user)
    return faultOf(
      refused('LS-CONTROL-009', "the selection is {user}'s, who alone cancels it", { user: selected.user }),
    );
  return selected.device === device ? undefined : wrongDevice(selected, device);
}

const wrongDevice = (selected: Selected, device = 'none'): Fault | undefined =>
  faultOf(refused('LS-CONTROL-010', '{selected} was selected, not {device}', { selected: selected.device, device }));

const faultOf = (outcome: Outcome<null>): Fault | undefined => (outcome.ok ? undefined : outcome.fault);
