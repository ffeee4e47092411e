import { Type, type Static } from 'typebox';
import { parse } from 'yaml';
import { Authority, DeviceType, Id } from '../../shared/contracts/ids.ts';
import type { ShareKw } from '../../shared/contracts/share-schedule.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { inFile, LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';

const maybe = Type.Optional;
const Powers = Type.Object({ importKw: maybe(Type.Number()), exportKw: maybe(Type.Number()) });

const Device = Type.Object({
  id: Id,
  type: DeviceType,
  driver: maybe(Type.String()),
  /** Present where the device can be commanded. */
  write: maybe(Type.Unknown()),
  name: maybe(Type.String()),
  feeder: maybe(Type.String()),
  connectionPoint: maybe(
    Type.Object({
      id: Id,
      contract: maybe(Powers),
      floorKw: maybe(Type.Number()),
      authority: maybe(Authority),
    }),
  ),
  ratings: maybe(
    Type.Object({
      activePowerKw: maybe(Type.Number()),
      apparentPowerKva: maybe(Type.Number()),
      maxReactiveKvar: maybe(Type.Number()),
      chargeKw: maybe(Type.Number()),
      dischargeKw: maybe(Type.Number()),
      capacityKwh: maybe(Type.Number()),
      socPct: maybe(Type.Tuple([Type.Number(), Type.Number()])),
      efficiency: maybe(Type.Number()),
      steps: maybe(Type.Integer()),
    }),
  ),
  safeDefault: maybe(Type.Object({ activePowerKw: maybe(Type.Number()), activePowerLimitKw: maybe(Type.Number()) })),
});
export type GatewayDevice = Static<typeof Device>;

/** A gateway's group if its file states none. */
export const UNSAID_GROUP = 'north';

/** What the model of a region takes from a gateway's configuration; the gateway itself checks the rest. */
const GatewayFile = Type.Object({
  gateway: Type.Object({
    id: Id,
    substation: Id,
    group: maybe(Type.String()),
    timezone: maybe(Type.String()),
    latitude: maybe(Type.Number()),
    longitude: maybe(Type.Number()),
    topologyVersion: maybe(Type.Integer()),
  }),
  guarded: Type.Array(
    Type.Object({
      id: Type.String(),
      ratedKva: maybe(Type.Number()),
      limits: maybe(
        Type.Object({
          importKw: maybe(Type.Number()),
          exportKw: maybe(Type.Number()),
          voltagePu: maybe(Type.Tuple([Type.Number(), Type.Number()])),
        }),
      ),
      failsafe: maybe(Powers),
    }),
  ),
  envelope: maybe(Type.Object({ default: maybe(Powers) })),
  devices: Type.Array(Device),
});
export type GatewayFile = Static<typeof GatewayFile>;

/** Both powers; undefined unless both are stated. */
export const powersOf = (powers: Static<typeof Powers> | undefined): ShareKw | undefined =>
  powers?.importKw === undefined || powers.exportKw === undefined
    ? undefined
    : { importKw: powers.importKw, exportKw: powers.exportKw };

/** The gateway's share of the region's limit without the cloud. */
export const failsafeOf = ({ guarded }: GatewayFile): ShareKw | undefined =>
  powersOf(guarded.find(({ id }) => id === 'transformer')?.failsafe);

const check = checker(GatewayFile, 'LS-CONFIG-002');

/** Throws LS-CONFIG-003 if the text is not YAML, LS-CONFIG-002 if a key needed here is missing or has the wrong type. */
export function gatewayFile(text: string, file: string): GatewayFile {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new LoadstoneError('LS-CONFIG-003', `${file}: ${messageOf(error)}`);
  }
  const found = typeof value === 'object' && value !== null ? value : {};
  return inFile(file, () => unwrap(check({ guarded: [], devices: [], ...found })));
}
