import type { DesiredDocument, SettingsBody, SettingsDocument } from '../../../shared/contracts/document.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { changesOf, shareAt, type ShareKw, type ShareSchedule } from '../../../shared/contracts/share-schedule.ts';
import type { FaultyMeters, SentFindings } from '../../estimate/faulty-meters.ts';
import type { DocumentNumber, DocumentStore } from './document-store.ts';
import type { Outbox } from './outbox.ts';
import { SharesHeld } from './shares-held.ts';

export type GridLimit = NonNullable<SettingsBody['gridLimit']>;

export interface GatewaySettingsOptions {
  readonly clock: Clock;
  readonly store: DocumentStore;
  readonly outbox: Pick<Outbox, 'issue'>;
  /** Limits of the region, which the schedules of all gateways keep together. */
  readonly limits: ShareKw;
  /** The share of each gateway before it has a schedule. */
  readonly statics: ReadonlyMap<string, ShareKw>;
  /** Meters of a gateway that are known to be wrong, by device id. */
  readonly meters: (gateway: string) => FaultyMeters;
}

const ACCEPT_MS = 30 * 60_000;
const HOLD_MS = 2 * 3_600_000;
/** A limit is not repeated within this time. */
const RENEW_MS = 30_000;
/** A share of the region that moved by less is not sent again while the previous one holds. */
const SHARE_STEP = 0.02;
/** The same for its schedule, which is renewed when half of it is over. */
const SCHEDULE_STEP = 0.1;

const NOTHING: ShareKw = { importKw: 0, exportKw: 0 };

/** Documents are read back in this number at first, then in growing multiples of it. */
const FEW = 8;

interface Held {
  readonly body: SettingsBody;
  readonly validUntil: number;
}

/**
 * What each gateway gets besides its plans: its share of the region's limit, which comes with a plan, and its faulty meters, which are
 * known from their history before the first plan is made. One document carries both, so the newest one is complete.
 */
export class GatewaySettings {
  readonly #options: GatewaySettingsOptions;
  /** Sends under way, by gateway: one after the other, so that nothing is sent twice or out of order. */
  readonly #turns = new Map<string, Promise<void>>();

  readonly #shares: SharesHeld;
  /** What was requested for gateways that were given less. */
  readonly #wanted = new Map<string, { readonly limit: GridLimit; readonly takes: ShareKw }>();
  /** Resolves once the settings that each gateway may follow have been read from the store. */
  #known: Promise<void> | undefined;

  constructor(options: GatewaySettingsOptions) {
    this.#options = options;
    this.#shares = new SharesHeld(options.limits, options.statics);
  }

  /**
   * Notes the settings that a gateway says it follows: of its schedules only those from here on may be in force. True: that may free room
   * for others that were given less than requested.
   */
  follows(gateway: string, number: DocumentNumber | undefined): boolean {
    return number !== undefined && this.#shares.confirmed(gateway, number) && this.#wanted.size > 0;
  }

  /** Sends to those gateways again that were given less than requested. */
  async raise(): Promise<void> {
    for (const [gateway, { limit, takes }] of this.#wanted) await this.tell(gateway, limit, takes);
  }

  /** The schedule, as far as the gateway was given it. Settings that cannot be read stop no plan. */
  within(gateway: string, schedule: ShareSchedule): Promise<ShareSchedule> {
    return this.#remembered().then(
      () => this.#shares.within(gateway, schedule),
      () => schedule,
    );
  }

  /** Notes a stored document: whether or not it can be sent now, the gateway may get it. */
  stored(document: DesiredDocument): void {
    if (document.type !== 'settings') return;
    const { gateway, epoch, sequence, body } = document;
    const schedule = body.gridLimit?.schedule;
    if (schedule !== undefined) this.#shares.sent(gateway, { number: { epoch, sequence }, schedule });
  }

  /**
   * Sends what has changed of the meters, and with `gridLimit` (magnitudes, kW) the new limit if it has moved or the previous one runs out.
   * Sends nothing if the gateway has it or may still accept it. `takes`: a first share below what the substation takes is held back until
   * others have taken smaller ones, or until a call without `takes`.
   */
  tell(gateway: string, gridLimit?: GridLimit, takes = NOTHING): Promise<void> {
    return this.#inTurn(gateway, async () => {
      try {
        await this.#tell(gateway, gridLimit, takes);
      } catch (error) {
        // The store may or may not have kept the document, so it is read again.
        this.#known = undefined;
        throw error;
      } finally {
        this.#shares.done(gateway);
      }
    });
  }

  /** A gateway leaves its fail-safe with a limit that follows the heartbeat, so the one in force is sent again. */
  renewLimit(gateway: string): Promise<void> {
    return this.#inTurn(gateway, async () => {
      const newest = await this.#newest(gateway);
      const now = this.#now();
      if (newest?.body.gridLimit === undefined) return;
      if (newest.validUntil <= now || Math.abs(now - newest.issuedAt) < RENEW_MS) return;
      await this.#send(gateway, { ...newest, validUntil: Math.min(newest.validUntil, now + HOLD_MS) });
    });
  }

  async #inTurn(gateway: string, work: () => Promise<void>): Promise<void> {
    const done = (this.#turns.get(gateway) ?? Promise.resolve()).then(work);
    const settled = done.then(undefined, () => undefined);
    this.#turns.set(gateway, settled);
    try {
      await done;
    } finally {
      if (this.#turns.get(gateway) === settled) this.#turns.delete(gateway);
    }
  }

  async #tell(gateway: string, gridLimit: GridLimit | undefined, takes: ShareKw): Promise<void> {
    const newest = await this.#newest(gateway);
    const now = this.#now();
    const held = newest !== undefined && (await this.#holds(newest, now)) ? newest : undefined;
    const meters = this.#options.meters(gateway);
    // An empty list is sent too if it withdraws an earlier finding.
    const tellsMeters = Object.keys(meters).length > 0 || newest?.body.meters !== undefined;
    // A limit that is not new keeps its end.
    const current = newest !== undefined && newest.validUntil > now ? newest.body.gridLimit : undefined;
    const shared = gridLimit === undefined ? undefined : await this.#shared(gateway, gridLimit, takes);
    const isLow = shared !== undefined && (shared.importKw < takes.importKw || shared.exportKw < takes.exportKw);
    const limit = isLow && current === undefined ? undefined : (shared ?? current);
    if (limit === undefined && !tellsMeters) return;
    const body = { ...(limit === undefined ? {} : { gridLimit: limit }), ...(tellsMeters ? { meters } : {}) };
    const runsOut = gridLimit !== undefined && held !== undefined && held.validUntil <= now + HOLD_MS / 2;
    if (held !== undefined && !runsOut && sameSettings(held.body, body)) return;
    const until = gridLimit === undefined && current !== undefined ? newest!.validUntil : Infinity;
    const validUntil = Math.min(until, now + HOLD_MS);
    await this.#send(gateway, { body, validUntil });
  }

  /** The limit, reduced to what the shares that all other gateways may hold leave of the region's. */
  async #shared(gateway: string, limit: GridLimit, takes: ShareKw): Promise<GridLimit> {
    if (limit.schedule === undefined) return limit;
    await this.#remembered();
    const schedule = this.#shares.give(gateway, limit.schedule);
    const now = shareAt(schedule, this.#now());
    const given = {
      importKw: Math.min(limit.importKw, now.importKw),
      exportKw: Math.min(limit.exportKw, now.exportKw),
      schedule,
    };
    if (sameLimit(limit, given)) this.#wanted.delete(gateway);
    else this.#wanted.set(gateway, { limit, takes });
    return given;
  }

  #remembered(): Promise<void> {
    return (this.#known ??= this.#remember().catch((error: unknown) => {
      this.#known = undefined;
      throw error;
    }));
  }

  /** Reads from the store what each gateway may follow: everything from the newest document on that it accepted. */
  async #remember(): Promise<void> {
    for (const gateway of this.#options.statics.keys()) {
      const documents: SettingsDocument[] = [];
      let taken: SettingsDocument | undefined;
      for (let count = FEW, isMore = true; isMore && taken === undefined; count *= FEW) {
        const list = await this.#options.store.list('settings', gateway, count);
        for (const { document } of list.slice(documents.length)) {
          if (document.type !== 'settings' || taken !== undefined) continue;
          documents.push(document);
          if (document.body.gridLimit?.schedule !== undefined && (await this.#isTaken(document))) taken = document;
        }
        isMore = list.length === count;
      }
      for (const document of documents.toReversed()) this.stored(document);
      if (taken !== undefined) this.#shares.confirmed(gateway, taken);
    }
  }

  /** Settings hold until `validUntil`; they never widen a gateway's own hard limits. */
  async #send(gateway: string, { body, validUntil }: Held): Promise<void> {
    const now = this.#now();
    await this.#options.outbox.issue<'settings'>({
      type: 'settings',
      version: 1,
      gateway,
      issuedAt: now,
      acceptUntil: Math.min(validUntil, now + ACCEPT_MS),
      validFrom: now,
      validUntil,
      body,
    });
  }

  async #newest(gateway: string): Promise<SettingsDocument | undefined> {
    const document = (await this.#options.store.newest('settings', gateway))?.document;
    return document?.type === 'settings' ? document : undefined;
  }

  /** In force, and accepted by the gateway or still to be accepted. */
  async #holds(document: SettingsDocument, now: number): Promise<boolean> {
    // A start in the future is from a clock that has been set back since: no gateway follows it yet.
    if (document.validUntil <= now || document.validFrom > now) return false;
    if (document.acceptUntil > now) return true;
    return this.#isTaken(document);
  }

  async #isTaken(document: SettingsDocument): Promise<boolean> {
    const reports = await this.#options.store.reports(document);
    return reports.some(({ stage }) => stage === 'accepted' || stage === 'applied');
  }

  #now(): number {
    return Math.round(this.#options.clock.plant.now());
  }
}

/** The meter findings last sent to a gateway, from the store. Undefined: none was ever sent. */
export async function sentFindings(
  store: Pick<DocumentStore, 'newest'>,
  gateway: string,
): Promise<SentFindings | undefined> {
  const document = (await store.newest('settings', gateway))?.document;
  if (document?.type !== 'settings' || document.body.meters === undefined) return undefined;
  return { meters: document.body.meters, at: document.issuedAt };
}

function sameSettings(held: SettingsBody, next: SettingsBody): boolean {
  const [before, after] = [held.gridLimit, next.gridLimit];
  const meters = (body: SettingsBody): string =>
    JSON.stringify(Object.entries(body.meters ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return (after === undefined || (before !== undefined && sameLimit(before, after))) && meters(held) === meters(next);
}

function sameLimit(held: GridLimit, next: GridLimit): boolean {
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= SHARE_STEP * Math.max(a, b, 1);
  return (
    near(held.importKw, next.importKw) &&
    near(held.exportKw, next.exportKw) &&
    sameSchedule(held.schedule, next.schedule)
  );
}

/** Whether the new schedule says about the same where both reach, and the old one reaches far enough. */
function sameSchedule(held: ShareSchedule | undefined, next: ShareSchedule | undefined): boolean {
  if (held === undefined || next === undefined) return held === next;
  const [end, nextEnd] = [changesOf(held).at(-1)!, changesOf(next).at(-1)!];
  if (end < next.start + (nextEnd - next.start) / 2) return false;
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= SCHEDULE_STEP * Math.max(a, b, 1);
  return changesOf(next).every((at) => {
    const [before, after] = [shareAt(held, at), shareAt(next, at)];
    return (
      at >= end || at >= nextEnd || (near(before.importKw, after.importKw) && near(before.exportKw, after.exportKw))
    );
  });
}
