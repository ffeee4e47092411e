import type { AlarmState, AlarmView } from '../../shared/contracts/alarm.ts';
import type { CommandView } from '../../shared/contracts/command.ts';
import type { IncidentView } from '../../shared/contracts/incident.ts';
import type {
  HandedControl,
  HandOverContent,
  HandOverView,
  ShiftEntry,
  ShiftView,
} from '../../shared/contracts/shift.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { Turns } from '../../shared/time/turns.ts';
import type { NewEntry, ShiftStore } from './shift-store.ts';
import { personOf } from '../access/caller.ts';

export interface ShiftBookOptions {
  readonly clock: Clock;
  readonly store: ShiftStore;
  /** Alarms in any of these states, most urgent first. */
  readonly alarms: (states: readonly AlarmState[]) => readonly AlarmView[];
  /** What the plan does not control. */
  readonly control: () => readonly HandedControl[];
  /** Open incidents, newest first. */
  readonly incidents: () => Promise<readonly IncidentView[]>;
}

const TICK_MS = 1_000;
/** Maximum number of items of each kind in a hand-over, which still counts them all. */
const MOST = 100;
const HANDED: readonly AlarmState[] = ['unacknowledged', 'acknowledged', 'returned', 'shelved', 'out-of-service'];
/** One act on several gateways makes one line. */
const SAME_ACT_MS = 5_000;
const MOST_KNOWN = 5_000;
/** Commands that only serve another one are not logged. */
const UNTOLD: readonly CommandView['kind'][] = ['select', 'cancel'];

/**
 * The shift log. Filled automatically with alarms of priority 1 and 2, acts and incidents; people add notes. At the end of a shift it
 * compiles what the next one must know; the outgoing person signs that, and another one takes over.
 */
export class ShiftBook {
  readonly #options: ShiftBookOptions;
  #waiting: NewEntry[] = [];
  /** Keys of the latest entries, which the store would skip too. */
  readonly #known = new Set<string>();
  /** Start time on the monotonic clock. */
  #startedMs = 0;
  #lastActs: { readonly key: string; readonly at: number }[] = [];
  readonly #turns = new Turns();
  #timer: Timer | undefined;

  constructor(options: ShiftBookOptions) {
    this.#options = options;
  }

  start(): void {
    this.#startedMs = this.#options.clock.plant.elapsed();
    this.#timer = every(this.#options.clock.machine, TICK_MS, () => this.#settle());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#settle();
  }

  /** Handles a changed alarm. */
  alarm(view: AlarmView): void {
    const { id, code, priority, text, target, state, acknowledged, shelved, outOfService } = view;
    const { raisedAt, returnedAt } = view;
    if (priority === 3 || raisedAt === null) return;
    const raised = `alarm:${id}:${raisedAt}`;
    const about = { target, text, by: null, parameters: { ...view.parameters, alarm: id, alarmCode: code, priority } };
    if (state === 'unacknowledged') this.#add({ ...about, code: 'alarm.raised', at: raisedAt, key: raised });
    const acts = { acknowledged, shelved, 'out-of-service': outOfService };
    for (const [what, act] of Object.entries(acts)) {
      if (act === null) continue;
      const { by, at, reason } = act;
      const parameters = { ...about.parameters, ...(reason === '' ? {} : { reason: reason.slice(0, 128) }) };
      this.#add({
        ...about,
        code: `alarm.${what}`,
        by,
        at,
        parameters,
        key: `${raised}:${what}:${at}`,
        behind: raised,
      });
    }
    if (returnedAt !== null)
      this.#add({ ...about, code: 'alarm.cleared', at: returnedAt, key: `${raised}:cleared`, behind: raised });
  }

  /** Handles a new command, or a gateway's report on one. */
  command(view: CommandView): void {
    const { id, kind, user, approver, target, reason, gateway, issuedAt, expiresAt, mode, stages, state } = view;
    if (UNTOLD.includes(kind)) return;
    const given = `command:${id}`;
    const about = {
      target,
      parameters: {
        command: id,
        act: kind,
        gateway,
        ...(approver === null ? {} : { approver }),
        ...(mode === undefined ? {} : { mode }),
        ...(kind === 'override' || kind === 'emergency' ? { until: expiresAt } : {}),
      },
    };
    if (!this.#known.has(given) && issuedAt >= this.#since() && this.#isNewAct(view))
      this.#add({ ...about, code: 'act.given', by: user, at: issuedAt, text: reason, key: given });
    this.#know(given);
    const last = stages.at(-1);
    const told = { ...about, by: null, at: last?.time ?? this.#now(), text: last?.detail ?? '' };
    if (state === 'refused') this.#add({ ...told, code: 'act.refused', key: `${given}:refused` });
    if (kind === 'override' && (state === 'completed' || state === 'superseded'))
      this.#add({ ...told, code: 'override.over', text: '', key: `${given}:over`, behind: given });
  }

  /** Handles a changed incident. */
  incident({ id, kind, feeder, substation, startedAt, endedAt, unheardSince = null }: IncidentView): void {
    const target = feeder === null ? `substation:${substation}` : `feeder:${feeder}`;
    const about = { by: null, target, text: '', parameters: { incident: id, kind } };
    this.#add({ ...about, code: 'incident.began', at: startedAt, key: `incident:${id}` });
    // An end that nobody saw is not told as one: the incident may still be running.
    if (endedAt !== null && unheardSince === null)
      this.#add({ ...about, code: 'incident.over', at: endedAt, key: `incident:${id}:over:${endedAt}` });
  }

  /** Notes are never changed: a mistake is corrected by another note. */
  async note(by: string, text: string): Promise<ShiftEntry> {
    await this.#settle();
    const { store } = this.#options;
    const note = { code: 'note', by, text, at: this.#now(), target: null, parameters: {}, key: null };
    const [added] = await store.append([note]);
    await store.synced();
    return added!;
  }

  async view(): Promise<ShiftView> {
    await this.#settle();
    const { waiting, last, upTo } = await this.#options.store.standing();
    return { now: await this.#content(last, upTo), waiting: waiting ?? null, last: last ?? null };
  }

  /** Signs the current hand-over. */
  async signOff(by: string, remark: string): Promise<HandOverView> {
    await this.#settle();
    const { store } = this.#options;
    const { last, upTo } = await store.standing();
    const content = await this.#content(last, upTo);
    // Notes added meanwhile belong to the next one.
    const covered = content.notes.items[0]?.id ?? upTo;
    const signed = await store.sign({ by, at: content.at, remark, content, upTo: covered });
    await store.synced();
    return signed;
  }

  /** Throws LS-API-004 for an unknown hand-over, LS-SHIFT-001 for its own signer, LS-SHIFT-002 for one that is not waiting. */
  async takeOver(by: string, id: number): Promise<HandOverView> {
    const { store } = this.#options;
    const found = await store.handOver(id);
    if (found === undefined) throw new LoadstoneError('LS-API-004', `there is no hand-over ${id}`);
    if (personOf(found.signedBy) === personOf(by))
      throw new LoadstoneError('LS-SHIFT-001', `${personOf(by)} has signed off hand-over ${id}`);
    const taken = await store.take(id, by, this.#now());
    if (taken === undefined)
      throw new LoadstoneError('LS-SHIFT-002', `hand-over ${id} is ${(await store.handOver(id))!.state}`);
    await store.synced();
    return taken;
  }

  async #content(last: HandOverView | undefined, upTo: number): Promise<HandOverContent> {
    const { store, alarms, control, incidents } = this.#options;
    const notes = { code: 'note', above: upTo };
    return {
      at: this.#now(),
      from: last?.signedAt ?? null,
      alarms: few(
        alarms(HANDED).map(
          ({ id, code, priority, state, text, parameters, target, raisedAt, acknowledged, shelved, outOfService }) => ({
            id,
            code,
            priority,
            state,
            text,
            ...(parameters === undefined ? {} : { parameters }),
            target,
            raisedAt,
            acknowledged,
            shelved,
            outOfService,
          }),
        ),
      ),
      control: few(control()),
      incidents: few(
        (await incidents()).map(({ id, kind, substation, feeder, startedAt }) => ({
          id,
          kind,
          substation,
          feeder,
          startedAt,
        })),
      ),
      notes: { items: await store.entries({ ...notes, limit: MOST }), total: await store.count(notes) },
    };
  }

  /** Commands from before the start, converted to the current clock, are in the log already. */
  #since(): number {
    const { plant } = this.#options.clock;
    return Math.floor(plant.now() - (plant.elapsed() - this.#startedMs)) - 1;
  }

  #isNewAct({ kind, target, user, reason, issuedAt }: CommandView): boolean {
    const key = JSON.stringify([kind, target, user, reason]);
    const recent = this.#lastActs.filter(({ at }) => Math.abs(issuedAt - at) < SAME_ACT_MS);
    this.#lastActs = [...recent, { key, at: issuedAt }].slice(-MOST);
    return recent.every((each) => each.key !== key);
  }

  #add(entry: NewEntry): void {
    if (entry.key !== null && this.#known.has(entry.key)) return;
    this.#know(entry.key);
    this.#waiting.push(entry);
  }

  #know(key: string | null): void {
    if (key === null) return;
    this.#known.add(key);
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.values().next().value!);
  }

  /** Writes the waiting entries; retries failures later. */
  #settle(): Promise<void> {
    return this.#turns.take(async () => {
      const entries = this.#waiting;
      if (entries.length === 0) return;
      this.#waiting = [];
      try {
        await this.#options.store.append(entries);
      } catch (error) {
        this.#waiting = [...entries, ...this.#waiting];
        throw error;
      }
    });
  }

  #now(): number {
    return Math.round(this.#options.clock.plant.now());
  }
}

const few = <Item>(items: readonly Item[]): { items: Item[]; total: number } => ({
  items: items.slice(0, MOST),
  total: items.length,
});
