import type { MessagePort } from 'node:worker_threads';
import type { AlarmRuleView } from '../../shared/contracts/alarm.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { KnownCallers } from '../api/callers/caller-file.ts';
import type { ApiSettings } from '../api/deps.ts';
import type { PostgresConfig } from '../sql/postgres-config.ts';
import type { TlsFiles } from './api-door.ts';

/** What an api role is made of. */
export interface ApiStart {
  readonly settings: ApiSettings;
  readonly region: Region;
  readonly alarmRules: readonly AlarmRuleView[];
  readonly callers: KnownCallers;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Key and certificate for HTTPS; absent: plain HTTP. */
  readonly tls?: TlsFiles;
}

/** The same in a thread of the owner's process. */
export interface ApiThreadStart extends ApiStart {
  /** The data folder, which the owner has opened. */
  readonly data: string;
  /** The database that holds the state, which the owner has opened too; absent: it is in the data folder. */
  readonly postgres?: PostgresConfig;
}

/** What its thread is given at its start. */
export interface ApiThreadData extends ApiThreadStart {
  /** To the owner's functions. */
  readonly calls: MessagePort;
  /** To the feed of what is in force. */
  readonly changes: MessagePort;
  /** Memory of the main thread's beat. */
  readonly beat: SharedArrayBuffer;
}

/** What the thread says at its start: where it listens, or why it does not. */
export type StartMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'refused'; readonly code: string | undefined; readonly message: string };

/** What it says then: what failed. */
export type ApiMessage = StartMessage | { readonly kind: 'failed'; readonly error: unknown };
