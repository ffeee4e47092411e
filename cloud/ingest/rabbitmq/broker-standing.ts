/** An outage: since when, ms UTC, and why. */
export interface Away {
  readonly since: number;
  readonly why: string;
}

/** The state of an external broker. */
export interface BrokerStanding {
  /** Outage of messages from and to gateways; null: none. */
  readonly away: Away | null;
  /** Outage of the management API, without which gateways cannot be admitted or dismissed; null: none. */
  readonly management: Away | null;
}
