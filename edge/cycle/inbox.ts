import type { CommandDocument, DesiredDocument, SettingsDocument } from '../../shared/contracts/document.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import { NEVER_S, type ControlState } from '../control/state.ts';
import type { FromUplink, ToUplink } from '../uplink/channel.ts';
import { isToVerify } from './act-tracker.ts';
import { refOf, reportOf, type CommandSite } from './desk.ts';
import type { PlanTracker } from './plan-tracker.ts';
import { Selections } from './selections.ts';

const MAX_WAITING = 1000;
const MAX_OUTCOMES = 500;

type Report = Extract<ToUplink, { kind: 'report' }>;

/** Plant time, ms UTC, and elapsed machine time, ms. */
export interface Moment {
  readonly time: number;
  readonly elapsedMs: number;
}

export interface InboxResult {
  readonly state: ControlState;
  readonly reports: readonly Report[];
  readonly events: readonly LoadstoneEvent[];
  /** A model document came; its bytes are being fetched. */
  readonly modelComing: boolean;
  /** Acts that were applied and still have to be verified. */
  readonly acts: readonly CommandDocument[];
}

/**
 * Holds what the uplink delivers until the next cycle takes all of it, so documents and heartbeats change control state only
 * between cycles. The inbox is bounded. It keeps each command's outcome, so an id acts once.
 */
export class Inbox {
  readonly #plans: PlanTracker;
  readonly #site: CommandSite;
  #waiting: FromUplink[] = [];
  #outcomes = new Map<string, DocumentReport>();
  readonly #selections = new Selections();
  /** Messages dropped because the inbox was full. */
  dropped = 0;

  constructor(plans: PlanTracker, site: CommandSite) {
    this.#plans = plans;
    this.#site = site;
  }

  put(message: FromUplink): void {
    if (this.#waiting.length >= MAX_WAITING) this.dropped++;
    else this.#waiting.push(message);
  }

  /**
   * Takes up settings that were accepted before the start but never reached control. Their limit is in force, but counts as
   * unconfirmed by any heartbeat.
   */
  takeUp(document: SettingsDocument, before: ControlState, time: number): Pick<InboxResult, 'state' | 'events'> {
    const { state, events } = this.#settings(document, before, time);
    const { gridLimit } = state;
    return { state: { ...state, gridLimit: gridLimit === null ? null : { ...gridLimit, ageS: NEVER_S } }, events };
  }

  restore(outcomes: readonly DocumentReport[]): void {
    for (const outcome of outcomes) this.#keep(outcome);
  }

  outcomes(): readonly DocumentReport[] {
    return [...this.#outcomes.values()];
  }

  /** Applies the waiting messages in order. */
  take(before: ControlState, now: Moment): InboxResult {
    let state = before;
    let modelComing = false;
    const reports: Report[] = this.#tell(this.#selections.lapse(now));
    const events: LoadstoneEvent[] = [];
    const acts: CommandDocument[] = [];
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) {
      // One that was held back on its way says that the cloud was there then.
      if (message.kind === 'heartbeat')
        state = { ...state, heartbeatAgeS: Math.min(state.heartbeatAgeS, message.lagMs / 1000) };
      if (message.kind !== 'document') continue;
      const { document, again = false, applied = false } = message;
      modelComing ||= document.type === 'model';
      const effect = again
        ? this.#again(document, { state, time: now.time, applied })
        : this.#apply(document, state, now);
      state = effect.state;
      reports.push(...effect.reports);
      events.push(...effect.events);
      if (isApplied(document, effect) && isToVerify(document)) acts.push(document);
    }
    return { state, reports, events, modelComing, acts };
  }

  /** Keeps the outcome of a command that ended by itself. */
  settle(report: DocumentReport): void {
    this.#keep(report);
  }

  /**
   * Answers a command from before the start with its outcome, or rejects it as lost; it never acts. A command that was reported as
   * applied, but whose outcome was lost in a power cut, counts as completed.
   */
  #again(
    document: DesiredDocument,
    { state, time, applied }: { readonly state: ControlState; readonly time: number; readonly applied: boolean },
  ): Omit<InboxResult, 'modelComing' | 'acts'> {
    const ref = refOf(document);
    const known = this.#outcomes.get(ref.id);
    const detail = formatMessage(
      'LS-DOC-010',
      'accepted, and no outcome was stored before the gateway was started again; give it anew',
    );
    const unknown = (): DocumentReport =>
      applied ? reportOf(ref, 'completed', time) : reportOf(ref, 'rejected', time, { code: 'LS-DOC-010', detail });
    const answer = known ?? unknown();
    if (known === undefined) this.#keep(answer);
    return { state, events: [], reports: [onTopic('commandResult', answer)] };
  }

  #apply(document: DesiredDocument, state: ControlState, now: Moment): Omit<InboxResult, 'modelComing' | 'acts'> {
    const { time } = now;
    switch (document.type) {
      case 'plan': {
        const reported = this.#plans.offer(document, time);
        return {
          state,
          events: reported.events,
          reports: reported.reports.map((report) => onTopic('reportedPlan', report)),
        };
      }
      case 'settings':
        return { ...this.#settings(document, state, time), reports: [] };
      case 'command':
        return this.#command(document, state, now);
      case 'model':
      case 'training':
      case 'weather':
        return { state, events: [], reports: [] };
    }
  }

  #settings(
    document: SettingsDocument,
    state: ControlState,
    time: number,
  ): { state: ControlState; events: LoadstoneEvent[] } {
    const { mode, gridLimit } = document.body;
    const { meters, unheardCounts } = heardOf(document, state);
    const changes = [
      ...(mode === undefined ? [] : [formatMessage('settings.applied', 'mode {mode}', { mode })]),
      ...(gridLimit === undefined
        ? []
        : [formatMessage('settings.applied', 'grid limit {importKw} kW import, {exportKw} kW export', gridLimit)]),
      ...Object.entries(meters ?? {}).map(([device, finding]) =>
        formatMessage('settings.applied', 'the meter of {device} is {finding}', { device, finding }),
      ),
    ];
    return {
      state: {
        ...state,
        settings: { epoch: document.epoch, sequence: document.sequence },
        mode: mode ?? state.mode,
        ...(meters === undefined ? {} : { liars: { ...meters } }),
        ...(unheardCounts === undefined ? {} : { unheardCounts }),
        gridLimit:
          gridLimit === undefined
            ? state.gridLimit
            : {
                range: { minKw: gridLimit.exportKw === 0 ? 0 : -gridLimit.exportKw, maxKw: gridLimit.importKw },
                ageS: 0,
                ...(gridLimit.schedule === undefined ? {} : { schedule: gridLimit.schedule }),
              },
      },
      events: [
        {
          time,
          kind: 'outcome',
          severity: 'info',
          code: 'settings.applied',
          text: formatMessage('settings.applied', 'settings ({epoch}, {sequence}): {changes}', {
            epoch: document.epoch,
            sequence: document.sequence,
            changes: changes.join(', ') || formatMessage('settings.applied', 'nothing changes'),
          }),
          subject: refOf(document).id,
        },
      ],
    };
  }

  #command(
    document: Extract<DesiredDocument, { type: 'command' }>,
    state: ControlState,
    now: Moment,
  ): Omit<InboxResult, 'modelComing' | 'acts'> {
    const { id } = document.body;
    const known = this.#outcomes.get(id);
    if (known !== undefined) return { state, events: [], reports: [onTopic('commandResult', known)] };
    const { reports, ...effect } = this.#selections.apply(document, state, { ...this.#site, ...now });
    return { ...effect, reports: this.#tell(reports) };
  }

  /** Turns outcomes of commands into reports, keeping each outcome first. */
  #tell(outcomes: readonly DocumentReport[]): Report[] {
    return outcomes.map((outcome) => {
      const report = this.#ofItsOwn(outcome);
      this.#keep(report);
      return onTopic('commandResult', report);
    });
  }

  /** A command that was ended by another is reported under its own epoch and sequence. */
  #ofItsOwn(report: DocumentReport): DocumentReport {
    const known = this.#outcomes.get(report.id);
    return known === undefined ? report : { ...report, epoch: known.epoch, sequence: known.sequence };
  }

  #keep(report: DocumentReport): void {
    this.#outcomes.delete(report.id);
    this.#outcomes.set(report.id, report);
    const [oldest] = this.#outcomes.keys();
    if (this.#outcomes.size > MAX_OUTCOMES && oldest !== undefined) this.#outcomes.delete(oldest);
  }
}

/**
 * What settings say about meters. A meter whose sign was changed is not inverted by older settings, nor by a cloud that took it for
 * reversed and has not heard of the change. Settings issued since the change that no longer call it reversed show that the cloud
 * knows.
 */
function heardOf(
  { issuedAt, body: { meters } }: SettingsDocument,
  { unheardCounts, countsSince = {} }: ControlState,
): { readonly meters: SettingsDocument['body']['meters']; readonly unheardCounts: string[] | undefined } {
  const isBefore = (id: string): boolean => issuedAt < (countsSince[id] ?? 0);
  const isOld = (id: string): boolean =>
    meters?.[id] === 'reversed' && (unheardCounts?.includes(id) === true || isBefore(id));
  return {
    meters: meters && Object.fromEntries(Object.entries(meters).filter(([id]) => !isOld(id))),
    unheardCounts: unheardCounts?.filter((id) => isOld(id) || isBefore(id)),
  };
}

const isApplied = (document: DesiredDocument, { events }: Pick<InboxResult, 'events'>): document is CommandDocument =>
  document.type === 'command' && events.some(({ code }) => code === `command.${document.body.kind}`);

export const onTopic = (topic: Report['topic'], report: DocumentReport): Report => ({ kind: 'report', topic, report });
