import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { SILENT_S, type Succession } from '../sql/postgres-hold.ts';

/** Whether a cloud holds the one place at the broker; `away`: the broker does not answer. */
export type Place = 'free' | 'held' | 'away';

export interface StandByParts {
  readonly time: TimeBase;
  readonly succession: () => Promise<Succession>;
  /** Absent: gateways connect to the cloud itself. */
  readonly place?: (() => Promise<Place>) | undefined;
  /** Why this cloud could not take over; undefined: it could. */
  readonly hindrance: () => Promise<string | undefined>;
  /** Called each time the reason for waiting changes. */
  readonly onWait: (wait: Wait) => void;
}

export interface Wait {
  readonly why: string;
  /**
   * `held`: all is well. `away`: database or broker do not answer, possibly not for the holder either. `hindered`: this cloud could not
   * take over.
   */
  readonly kind: 'held' | 'away' | 'hindered';
}

/** What may be taken over. `over`: the term of a silent holder; absent: no one holds the database. */
export interface Free {
  readonly over?: number;
}

const LOOK_MS = 1000;
/** How long a holder may take to come back to a database or broker that was away. */
const RETURN_MS = 20_000;
/** Without a broker the database decides alone: the holder must be silent for this long, s. */
const ALONE_S = 20;
/** Without a broker, a holder whose connections were cut checks within this time whether it still holds the database, s. */
const CUT_S = 10;

/**
 * Waits until no other cloud is active. Database and broker must agree: the database's holder has gone or has been silent for a while, and
 * the cloud's place at the broker is free. Clocks of different machines are never compared. So a slow database or a restarted broker never
 * ends a healthy cloud.
 */
export async function untilFree(parts: StandByParts): Promise<Free> {
  const { time, onWait } = parts;
  let said: string | undefined;
  let leftUntil = Number.NEGATIVE_INFINITY;
  for (;;) {
    let found = await look(parts);
    if (!('kind' in found) && time.elapsed() < leftUntil)
      found = { why: 'database or broker were away: the cloud that held them may return first', kind: 'held' };
    if (!('kind' in found)) return found;
    if (found.kind === 'away') leftUntil = time.elapsed() + RETURN_MS;
    if (found.why !== said) onWait(found);
    said = found.why;
    await new Promise<void>((resolve) => time.after(LOOK_MS, resolve));
  }
}

async function look({ succession, place, hindrance }: StandByParts): Promise<Free | Wait> {
  let found: Succession;
  try {
    const why = await hindrance();
    if (why !== undefined) return { why, kind: 'hindered' };
    found = await succession();
  } catch (error) {
    if (!(error instanceof LoadstoneError) || error.code !== 'LS-STORE-001') throw error;
    return { why: error.message, kind: 'away' };
  }
  const { holder, term, silentS } = found;
  const isSilent = silentS !== undefined && silentS > (place === undefined ? ALONE_S : SILENT_S);
  if (holder !== undefined && (!isSilent || term === undefined))
    return { why: `the database is held by ${holder}`, kind: 'held' };
  if (place === undefined && holder === undefined && silentS !== undefined && silentS <= CUT_S)
    return { why: 'the cloud that held the database was active a moment ago and may return', kind: 'held' };
  const free: Free = holder === undefined || term === undefined ? {} : { over: term };
  // No one has held the database for a while, or ever. Then a cloud starts without its broker, as a single one does.
  const isAbandoned = holder === undefined && (isSilent || silentS === undefined);
  switch (await place?.()) {
    case 'held':
      return { why: 'the cloud that is silent at the database still has its place at the broker', kind: 'held' };
    case 'away':
      return isAbandoned ? free : { why: 'the broker does not answer', kind: 'away' };
    default:
      return free;
  }
}
