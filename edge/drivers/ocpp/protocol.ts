import { protocol, type CommonSpec } from '../protocol.ts';
import type { ChargerSite } from './chargers.ts';
import { OcppDriver } from './ocpp-driver.ts';
import { ocppDevice, type OcppWrites } from './schema.ts';

export interface OcppSpec extends CommonSpec {
  readonly driver: 'ocpp';
  readonly connection: ChargerSite & { readonly staleAfterS: number; readonly nominalV: number };
  /** Below this a session does not charge, kW. */
  readonly minimumKw: number;
  readonly write: OcppWrites;
}

/** Below 6 A on three phases a session does not charge (IEC 61851-1, A.2.3), kW. */
const SESSION_KW = 4.14;
/** Below 6 A on one phase a car does not charge (IEC 61851-1, A.2.3), kW. */
const LEAST_SESSION_KW = 1.38;

/** A charging site whose chargers connect to the gateway. */
export const ocpp = protocol({
  name: 'ocpp',
  device: ocppDevice,
  meter: undefined,

  check({ type, connection, safeDefault, ratings }, path, refuse) {
    if (type !== 'ev-site') refuse(`${path}/type`, 'LS-CONFIG-002', `is ${type}; chargers need type ev-site`);
    const { chargers, uninterrupted = [] } = connection;
    for (const [index, id] of uninterrupted.entries())
      if (!chargers.includes(id))
        refuse(
          `${path}/connection/uninterrupted/${index}`,
          'LS-CONFIG-002',
          `is "${id}", which is none of the site's chargers; give one of ${chargers.join(', ')}`,
        );
    const safe = safeDefault?.activePowerLimitKw ?? safeDefault?.activePowerKw;
    if (safe === undefined) {
      refuse(
        `${path}/safeDefault`,
        'LS-CONFIG-002',
        'lacks "activePowerKw"; each charger gets a share of it as its default profile',
      );
      return;
    }
    const share = safe / chargers.length;
    const least = Math.min(ratings.minimumKwPerSession ?? LEAST_SESSION_KW, ratings.activePowerKw ?? Infinity);
    if (safe < 0 || (safe > 0 && share < LEAST_SESSION_KW)) {
      refuse(
        `${path}/safeDefault`,
        'LS-CONFIG-002',
        `is ${safe} kW, so ${share.toFixed(2)} kW for each of ${chargers.length} chargers, too little for a car to charge; give 0 or at least ${(least * chargers.length).toFixed(1)}`,
      );
    }
  },

  metrics: () => [
    'activePowerKw',
    'wishedKw',
    'sessions',
    'activePowerLimitKw',
    'voltagePu',
    'energyDueKwh',
    'deadlineMs',
  ],

  staleAfterS: ({ connection }) => connection.staleAfterS,

  userFile: ({ connection: { userFile, chargers, listen } }) => ({ path: userFile, users: chargers, listen }),

  spec: ({ connection, ratings, write }) => ({
    connection: { ...connection, userFile: connection.userFile },
    minimumKw: ratings.minimumKwPerSession ?? SESSION_KW,
    write,
  }),

  create(spec: OcppSpec, { lines, openChargers, clock }) {
    const { connection, safeDefault, write } = spec;
    const driver = new OcppDriver({
      ...spec,
      ...connection,
      openChargers,
      clock,
      site: connection,
      safeKw: safeDefault.activePowerLimitKw ?? safeDefault.activePowerKw ?? 0,
      write: write.activePowerLimitKw,
    });
    lines.add(driver);
    return driver;
  },
});
