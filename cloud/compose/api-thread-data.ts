import type { MessagePort } from 'node:worker_threads';
import type { AlarmRuleView } from '../../shared/contracts/alarm.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { KnownCallers } from '../api/callers/caller-file.ts';
import type { ApiSettings } from '../api/deps.ts';
import type { PostgresConfig } from '../sql/postgres-config.ts';
import type { TlsFiles } from './api-door.ts';

/** The configuration of an api role. */
export interface ApiStart {
  readonly settings: ApiSettings;
  readonly region: Region;
  readonly alarmRules: readonly AlarmRuleView[];
  readonly callers: KnownCallers;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Key and certificate for HTTPS; absent: plain HTTP. */
  readonly tls?: TlsFiles;
}

/** The same for a thread of the owner's process. */
export interface ApiThreadStart extends ApiStart {
  /** The data folder, which the owner has opened. */
  readonly data: string;
  /** The database that holds the state, which the owner has opened too; absent: the state is in the data folder. */
  readonly postgres?: PostgresConfig;
}

/** Data that the thread gets at its start. */
export interface ApiThreadData extends ApiThreadStart {
  /** To the owner's functions. */
  readonly calls: MessagePort;
  /** To the feed of the current state. */
  readonly changes: MessagePort;
  /** Shared memory of the main thread's beat. */
  readonly beat: SharedArrayBuffer;
}

/** The thread's first message: its port, or why it does not listen. */
export type StartMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'refused'; readonly code: string | undefined; readonly message: string };

/** All its messages: later ones report failures. */
export type ApiMessage = StartMessage | { readonly kind: 'failed'; readonly error: unknown };
