/** How long a connection may take over what it does before it is cut, ms. What one slow client holds, others lack. */
export interface HttpLimits {
  /** Until all headers of a request are there, or the first byte of a connection. */
  readonly headersMs: number;
  /** Until the whole request is there, body included. */
  readonly requestMs: number;
  /** Without a byte in either direction, as where the answer is not read; a stream of events says something each 5 s. */
  readonly silenceMs: number;
  /** Between an answer and the next request. */
  readonly idleMs: number;
  /** How often the two first ones are looked at. */
  readonly checkEveryMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  silenceMs: 120_000,
  idleMs: 72_000,
  checkEveryMs: 2_000,
};
