import type { Clock } from '../../shared/time/clock.ts';
import type { MqttRead, MqttWrites } from '../config/signals.ts';
import type { Driver, WireSpans } from './driver.ts';
import { MqttDriver } from './mqtt.ts';
import type { Sign } from './sign.ts';
import type { TopicBus } from './topic-bus.ts';

/** What a driver is made from, and what it may use. */
export interface DriverSpec {
  readonly id: string;
  readonly driver: DriverName;
  readonly sign: Sign;
  readonly read: MqttRead | undefined;
  readonly write: MqttWrites | undefined;
  readonly ratedKw: number;
  readonly spans: WireSpans;
}

export interface DriverResources {
  readonly bus: TopicBus;
  readonly clock: Clock;
}

/** Every driver of this version; a new one is a line here, a literal in the configuration's schema and a run of the suite. */
const driverTable = {
  mqtt: (spec: DriverSpec, resources: DriverResources): Driver => new MqttDriver({ ...spec, ...resources }),
} as const;

export type DriverName = keyof typeof driverTable;

export const createDriver = (spec: DriverSpec, resources: DriverResources): Driver =>
  driverTable[spec.driver](spec, resources);
