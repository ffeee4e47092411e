import type { Outcome } from '../../../shared/outcome/outcome.ts';

/** WebSocket subprotocols, preferred one first. */
export const versions = ['ocpp2.0.1', 'ocpp1.6'] as const;
export type OcppVersion = (typeof versions)[number];

/** One connection of one charger. */
export interface ChargerLink {
  readonly version: OcppVersion;
  /** Calls the charger; LS-DEVICE-001 if no answer came, LS-DEVICE-002 if it refused. Never rejects. */
  call(action: string, payload: object): Promise<Outcome<unknown>>;
  close(): void;
}

export interface ChargerHandlers {
  /** A charger has connected; the driver closes an older connection of the same charger. */
  onConnect(charger: string, link: ChargerLink): void;
  /** A message of the charger; returns the answer, or why there is none. */
  onCall(charger: string, link: ChargerLink, call: OcppCall): Outcome<object>;
  onClose(charger: string, link: ChargerLink): void;
  /** No charger can connect, or one broke the protocol. */
  onFault(why: string): void;
  /** The port it listens on. */
  onListen?(port: number): void;
}

export interface OcppCall {
  readonly action: string;
  readonly payload: unknown;
}

export interface ChargerSite {
  /** host:port. */
  readonly listen: string;
  readonly chargers: readonly string[];
  /** Those whose cars must not pause once they charge. Absent: none. */
  readonly uninterrupted?: readonly string[] | undefined;
  /** Passwords of the chargers; absent: none required. */
  readonly userFile: string | undefined;
}

/** Listens for the chargers of a site until `close`. Never throws: a busy port is reported and retried. */
export type OpenChargers = (site: ChargerSite, handlers: ChargerHandlers) => { close(): Promise<void> };
