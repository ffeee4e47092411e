/** What does not answer, since when, ms UTC, and why. */
export interface Away {
  readonly since: number;
  readonly why: string;
}

/** How a broker does that is a process of its own. */
export interface BrokerStanding {
  /** What gateways send and hear does not pass; null: it does. */
  readonly away: Away | null;
  /** Gateways cannot be let in or shut out; null: they can. */
  readonly management: Away | null;
}
