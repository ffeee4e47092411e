import { Type, type Static } from 'typebox';
import { closed } from '../../schema/parts.ts';

/** Identity at the end of the charger's URL (OCPP-J 1.6, 3.1.1: at most 48 characters are common). */
export const ChargerId = Type.String({
  pattern: '^[A-Za-z0-9._:=*+|@-]{1,48}$',
  description: 'identity of a charger: the last part of the URL that it connects to',
});

const ocppConnection = {
  listen: Type.String({
    pattern: '^.+:[0-9]{1,5}$',
    description: 'address and port for the chargers, which connect to ws://address:port/<identity>',
  }),
  chargers: Type.Array(ChargerId, {
    minItems: 1,
    maxItems: 64,
    uniqueItems: true,
    description: 'identities of the chargers of the site; others are refused',
  }),
  uninterrupted: Type.Optional(
    Type.Array(ChargerId, {
      uniqueItems: true,
      description: 'those of the chargers whose cars must not pause once they charge; absent: none',
    }),
  ),
  userFile: Type.Optional(
    Type.String({
      description:
        'passwords of the chargers (OCPP security profile 1), one per line: identity:scrypt$salt$hash; "loadstone edge passwd" prints a line',
    }),
  ),
  nominalV: Type.Number({
    exclusiveMinimum: 0,
    default: 230,
    description: 'voltage to neutral, V, for chargers that accept only amperes',
  }),
  staleAfterS: Type.Number({
    default: 30,
    minimum: 1,
    description: 'a session without a meter value for this long counts at its limit, s',
  }),
};

/** Slower than for other devices, because many chargers write each profile to flash memory. */
const Writing = Type.Object(
  {
    keepAliveS: Type.Number({ default: 60, minimum: 1, description: 'the profiles are sent again this often, s' }),
    revertAfterS: Type.Number({
      default: 180,
      minimum: 5,
      description: 'a profile expires after this long, s; then the default profile applies',
    }),
    minIntervalS: Type.Number({ default: 5, minimum: 0, description: 'least time between two changes, s' }),
    deadbandPct: Type.Number({
      default: 1,
      minimum: 0,
      maximum: 20,
      description: 'smaller changes wait for the next keep-alive, % of the rating',
    }),
  },
  { ...closed, default: {}, description: 'limit of the whole site, shared among the sessions' },
);

export const OcppWrites = Type.Object(
  { activePowerLimitKw: Writing },
  { ...closed, default: {}, description: 'how the limit is written' },
);
export type OcppWrites = Static<typeof OcppWrites>;

const driver = Type.Literal('ocpp', { description: 'a charging site whose chargers connect to the gateway' });

export const ocppDevice = {
  driver,
  connection: Type.Object(ocppConnection, { ...closed, description: 'where the chargers of the site connect' }),
  write: OcppWrites,
};
