import type { SettingsBody, SettingsDocument } from '../../../shared/contracts/document.ts';
import type { Outcome } from '../../../shared/outcome/outcome.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { LyingMeters, ToldMeters } from '../../estimate/lying-meters.ts';
import type { DocumentStore } from './document-store.ts';
import type { Outbox } from './outbox.ts';

export type GridLimit = NonNullable<SettingsBody['gridLimit']>;

export interface GatewaySettingsOptions {
  readonly clock: Clock;
  readonly store: DocumentStore;
  readonly outbox: Pick<Outbox, 'issue'>;
  /** Meters of a gateway that are known to lie, by device id. */
  readonly meters: (gateway: string) => LyingMeters;
}

const ACCEPT_MS = 30 * 60_000;
const HOLD_MS = 2 * 3_600_000;
/** A limit that was told again is not told once more within this time. */
const RENEW_MS = 30_000;
/** A region's share that moved by less is not sent again while the one before holds. */
const SHARE_STEP = 0.02;

interface Held {
  readonly body: SettingsBody;
  readonly validUntil: number;
}

/**
 * What each gateway is told beside its plans: its part of the region's limit, which comes with a plan, and which of its meters lie,
 * which is known from their history before the first plan is made. One document carries both, so that the newest is the whole.
 */
export class GatewaySettings {
  readonly #options: GatewaySettingsOptions;
  /** What is being told, by gateway: one after the other, so that nothing is told twice. */
  readonly #telling = new Map<string, Promise<void>>();

  constructor(options: GatewaySettingsOptions) {
    this.#options = options;
  }

  /**
   * Sends what of the meters has changed, and with `gridLimit` (magnitudes, kW) the new limit where it has moved or the one before
   * runs out. Nothing where the gateway has it, or still may take it.
   */
  async tell(gateway: string, gridLimit?: GridLimit): Promise<void> {
    const before = this.#telling.get(gateway) ?? Promise.resolve();
    const told = before.then(() => this.#tell(gateway, gridLimit));
    const settled = told.then(undefined, () => undefined);
    this.#telling.set(gateway, settled);
    try {
      await told;
    } finally {
      if (this.#telling.get(gateway) === settled) this.#telling.delete(gateway);
    }
  }

  /** A gateway leaves its fail-safe with a limit that follows the heartbeat: the one that is in force is told again. */
  async renewLimit(gateway: string): Promise<void> {
    const now = this.#now();
    const newest = this.#newest(gateway);
    if (newest?.body.gridLimit === undefined) return;
    if (newest.validUntil <= now || now - newest.issuedAt < RENEW_MS) return;
    await this.#send(gateway, newest);
  }

  async #tell(gateway: string, gridLimit: GridLimit | undefined): Promise<void> {
    const now = this.#now();
    const newest = this.#newest(gateway);
    const held = newest !== undefined && this.#holds(newest, now) ? newest : undefined;
    const meters = this.#options.meters(gateway);
    // An empty list is told too where it takes an earlier finding back.
    const tellsMeters = Object.keys(meters).length > 0 || newest?.body.meters !== undefined;
    // A limit that is not new goes along for as long as it was to hold.
    const kept = newest !== undefined && newest.validUntil > now ? newest.body.gridLimit : undefined;
    const limit = gridLimit ?? kept;
    if (limit === undefined && !tellsMeters) return;
    const body = { ...(limit === undefined ? {} : { gridLimit: limit }), ...(tellsMeters ? { meters } : {}) };
    const runsOut = gridLimit !== undefined && held !== undefined && held.validUntil <= now + HOLD_MS / 2;
    if (held !== undefined && !runsOut && sameSettings(held.body, body)) return;
    const validUntil = gridLimit === undefined && kept !== undefined ? newest!.validUntil : now + HOLD_MS;
    await this.#send(gateway, { body, validUntil });
  }

  /** Settings hold until `validUntil`; a gateway's own hard limits are never widened by them. */
  #send(gateway: string, { body, validUntil }: Held): Promise<Outcome<SettingsDocument>> {
    const now = this.#now();
    return this.#options.outbox.issue<'settings'>({
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

  #newest(gateway: string): SettingsDocument | undefined {
    const document = this.#options.store.newest('settings', gateway)?.document;
    return document?.type === 'settings' ? document : undefined;
  }

  /** In force, and taken by the gateway or still to be taken. */
  #holds(document: SettingsDocument, now: number): boolean {
    if (document.validUntil <= now) return false;
    if (document.acceptUntil > now) return true;
    const reports = this.#options.store.reports(document);
    return reports.some(({ stage }) => stage === 'accepted' || stage === 'applied');
  }

  #now(): number {
    return Math.round(this.#options.clock.plant.now());
  }
}

/** What a gateway was told of its meters last, as the store has it; undefined: no document ever spoke of them. */
export function toldMeters(store: Pick<DocumentStore, 'newest'>, gateway: string): ToldMeters | undefined {
  const document = store.newest('settings', gateway)?.document;
  if (document?.type !== 'settings' || document.body.meters === undefined) return undefined;
  return { meters: document.body.meters, at: document.issuedAt };
}

function sameSettings(held: SettingsBody, next: SettingsBody): boolean {
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= SHARE_STEP * Math.max(a, b, 1);
  const [before, after] = [held.gridLimit, next.gridLimit];
  const sameLimit =
    after === undefined ||
    (before !== undefined && near(before.importKw, after.importKw) && near(before.exportKw, after.exportKw));
  const meters = (body: SettingsBody): string =>
    JSON.stringify(Object.entries(body.meters ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return sameLimit && meters(held) === meters(next);
}
