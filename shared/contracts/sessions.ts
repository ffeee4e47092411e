import { Type, type Static } from 'typebox';
import { Id, TimeMs } from './ids.ts';

/** One car at a charging site, identified by its charger and connector. Nothing identifies the owner. */
export const ChargingSession = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  /** Energy still requested. Absent if not stated. */
  energyDueKwh: Type.Optional(Type.Number({ minimum: 0 })),
  /** Departure. Absent: not stated. */
  departure: Type.Optional(TimeMs),
  /** Upper limit of connector, cable and car; and the lower limit below which the car does not charge or may not be held. */
  maxKw: Type.Number({ minimum: 0 }),
  minKw: Type.Number({ minimum: 0 }),
  /** Once it charges it must not pause before it has its energy or leaves. Absent: it may pause. */
  uninterrupted: Type.Optional(Type.Boolean()),
  /** Whether it charges now. Absent: not known, so a session that must not pause counts as charging. */
  charging: Type.Optional(Type.Boolean()),
});
export type ChargingSession = Static<typeof ChargingSession>;

/** A gateway reports unchanged sessions of a site again after this many seconds. */
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
