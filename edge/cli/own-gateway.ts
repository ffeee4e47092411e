import type { GatewayConfig } from '../config/schema.ts';
import type { LocalAnswer, LocalRequest } from '../local/protocol.ts';

/** A gateway that runs for the duration of a command where none is running: it reads the devices, keeps nothing and sends nothing. */
export interface OwnGateway {
  ask(request: LocalRequest): Promise<LocalAnswer>;
  stop(): Promise<void>;
}

/** Starts one; in `monitor` it commands nothing. */
export type OwnGatewayFor = (config: GatewayConfig, mode: 'monitor' | 'manual') => Promise<OwnGateway>;
