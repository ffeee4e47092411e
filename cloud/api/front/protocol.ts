import type { HttpLimits } from '../http-limits.ts';

/** On a request that came through the front: the secret of this start. Without it no answer says whether it may be kept. */
export const MARK_HEADER = 'x-loadstone-front';
/** On an answer that may be kept: a `KeepNote`. It does not leave this process. */
export const KEEP_HEADER = 'x-loadstone-keep';

/** What the front's thread is given at its start. */
export interface FrontData {
  readonly host: string;
  readonly port: number;
  /** Socket of our HTTP server. */
  readonly inner: string;
  readonly secret: string;
  readonly limits: HttpLimits;
  readonly freshness: Int32Array<SharedArrayBuffer>;
  readonly rates: BigInt64Array<SharedArrayBuffer>;
}

/** What the front's thread says: where it listens, or why it does not; after its end was asked for, that nobody is connected any more. */
export type FrontWord =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'closed' };

/** The first line of each connection to our HTTP server: the client's address. */
export const addressLine = (address: string): string => `${address}\n`;
