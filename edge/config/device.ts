import { Type, type Static, type TObject, type TProperties } from 'typebox';
import { protocols } from '../drivers/table.ts';
import { deviceKeys } from '../schema/device-keys.ts';
import { closed } from '../schema/parts.ts';

type Schemas<Protocols extends readonly { readonly device: TProperties }[]> = {
  -readonly [At in keyof Protocols]: TObject<typeof deviceKeys & Protocols[At]['device']>;
};

export const DeviceConfig = Type.Union(
  protocols.map(({ device }) => Type.Object({ ...deviceKeys, ...device }, closed)) as unknown as Schemas<
    typeof protocols
  >,
);
export type DeviceConfig = Static<typeof DeviceConfig>;
