/** Limits of connections, times in ms: one slow or greedy client must not hold what others need. */
export interface HttpLimits {
  /** For all headers of a request, or the first byte of a connection. */
  readonly headersMs: number;
  /** For the whole request, body included. */
  readonly requestMs: number;
  /** Without a byte in either direction, for example because the client does not read; the event stream sends something every 5 s. */
  readonly silenceMs: number;
  /** Between an answer and the next request. */
  readonly idleMs: number;
  /** How often the first two limits are checked. */
  readonly checkEveryMs: number;
  /** Open connections; the process may open 65,536 files. */
  readonly mostConnections: number;
  /** Open connections of one IPv4 address or IPv6 /64. */
  readonly mostPerNetwork: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  silenceMs: 120_000,
  idleMs: 72_000,
  checkEveryMs: 2_000,
  mostConnections: 8_000,
  mostPerNetwork: 1_000,
};
