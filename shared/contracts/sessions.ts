import { Type, type Static } from 'typebox';
import { Id, TimeMs } from './ids.ts';

/** One car at a charging site, by the charger and connector at which it stands: nothing tells whose it is. */
export const ChargingSession = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  /** What it still wants; absent: it does not tell. */
  energyDueKwh: Type.Optional(Type.Number({ minimum: 0 })),
  /** Departure. Absent: not stated. */
  departure: Type.Optional(TimeMs),
  /** What it takes at most: connector, cable and car; and below what it does not charge or may not be held. */
  maxKw: Type.Number({ minimum: 0 }),
  minKw: Type.Number({ minimum: 0 }),
});
export type ChargingSession = Static<typeof ChargingSession>;

/** Unchanged sessions of a site are reported again after this many seconds. */
export const SESSIONS_INTERVAL_S = 300;

/**
 * Payload of loadstone/v1/<gateway>/reported/sessions: the charging sessions of each site whose driver knows them, including empty lists.
 */
export const SessionsReport = Type.Object({
  version: Type.Literal(1),
  /** Plant time. */
  time: TimeMs,
  sites: Type.Array(Type.Object({ device: Id, sessions: Type.Array(ChargingSession, { maxItems: 500 }) }), {
    maxItems: 200,
  }),
});
export type SessionsReport = Static<typeof SessionsReport>;
