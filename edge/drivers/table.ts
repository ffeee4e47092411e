import type { Driver } from './driver.ts';
import { modbus } from './modbus/protocol.ts';
import { mqtt } from './mqtt/protocol.ts';
import { ocpp } from './ocpp/protocol.ts';
import type { AnyProtocol, DriverResources } from './protocol.ts';
import { sparkplug } from './sparkplug/protocol.ts';
import { sunspec } from './sunspec/protocol.ts';

/** All drivers. A new one is a folder and an entry here. */
export const protocols = [mqtt, sparkplug, sunspec, modbus, ocpp] as const;

type Protocols = (typeof protocols)[number];

/** Specification of any driver. */
export type DriverSpec = Parameters<Protocols['create']>[0];

export function protocolOf({ driver }: { readonly driver: string }): AnyProtocol {
  const found = protocols.find(({ name }) => name === driver);
  if (found === undefined) throw new Error(`there is no driver ${driver}`);
  return found;
}

export const createDriver = (spec: DriverSpec, resources: DriverResources): Driver =>
  protocolOf(spec).create(spec, resources);
