/** A charging profile as stored by a charger. */
export interface InstalledProfile {
  readonly purpose: 'TxDefaultProfile' | 'TxProfile';
  /** 0: every connector. */
  readonly connector: number;
  readonly session: string | undefined;
  readonly limitKw: number;
  /** ms UTC by the charger's clock; undefined: unbounded. */
  readonly from: number | undefined;
  readonly until: number | undefined;
}

/** Power limit of a session, kW: its own profile while valid, else the default, else Infinity (OCPP 1.6, 3.13.4). */
export function limitOf(
  profiles: readonly InstalledProfile[],
  { connector, session, now }: { readonly connector: number; readonly session: string; readonly now: number },
): number {
  const own = profiles.find(
    (each) =>
      each.purpose === 'TxProfile' &&
      each.connector === connector &&
      (each.session === undefined || each.session === session) &&
      (each.from === undefined || each.from <= now) &&
      (each.until === undefined || now < each.until),
  );
  if (own !== undefined) return own.limitKw;
  const general = profiles.find(
    (each) => each.purpose === 'TxDefaultProfile' && (each.connector === connector || each.connector === 0),
  );
  return general?.limitKw ?? Infinity;
}

/** The profiles after setting one: it replaces another of the same purpose at the same connector. */
export const withProfile = (
  profiles: readonly InstalledProfile[],
  next: InstalledProfile,
): readonly InstalledProfile[] => [
  ...profiles.filter(({ purpose, connector }) => purpose !== next.purpose || connector !== next.connector),
  next,
];

interface Schedule {
  readonly startSchedule?: string;
  readonly duration?: number;
  readonly chargingRateUnit: 'W' | 'A';
  readonly chargingSchedulePeriod: readonly { readonly limit: number }[];
}

const VOLTS = 230;
const PHASES = 3;

/** A profile from a SetChargingProfile request of either version. */
export function profileFrom(payload: Record<string, unknown>): InstalledProfile {
  const old = payload['csChargingProfiles'] as Record<string, unknown> | undefined;
  const profile = old ?? (payload['chargingProfile'] as Record<string, unknown>);
  const listed = profile['chargingSchedule'] as Schedule | readonly [Schedule];
  const schedule = Array.isArray(listed) ? (listed[0] as Schedule) : (listed as Schedule);
  const limit = schedule.chargingSchedulePeriod[0]!.limit;
  const from = schedule.startSchedule === undefined ? undefined : Date.parse(schedule.startSchedule);
  const session = profile['transactionId'] as string | number | undefined;
  return {
    purpose: profile['chargingProfilePurpose'] as InstalledProfile['purpose'],
    connector: Number(payload['connectorId'] ?? payload['evseId']),
    session: session === undefined ? undefined : String(session),
    limitKw: (schedule.chargingRateUnit === 'A' ? limit * VOLTS * PHASES : limit) / 1000,
    from,
    until: from === undefined || schedule.duration === undefined ? undefined : from + schedule.duration * 1000,
  };
}
