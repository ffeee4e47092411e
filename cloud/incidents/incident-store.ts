import type { IncidentView } from '../../shared/contracts/incident.ts';

/** One incident as it is kept. */
export interface KeptIncident {
  readonly view: IncidentView;
  /** What goes on: alarms by `alarm:<id>`, limits by `limit:<id>`, jumps by `jump:<feeder>`. */
  readonly causes: readonly string[];
}

/** Begun in [from, to), ms UTC of plant time; `before` is the id to go on below. */
export interface IncidentQuery {
  readonly from?: number;
  readonly to?: number;
  readonly substation?: string;
  /** Those alone that are not over. */
  readonly isOpen?: boolean;
  readonly before?: number;
  readonly limit: number;
}

/** What happened, incident by incident. */
export interface IncidentStore {
  /** What may go on, oldest first, and the first id that is free. */
  load(since: number): Promise<{ readonly recent: readonly KeptIncident[]; readonly nextId: number }>;
  /** Keeps incidents as they are now, all of them or none. */
  commit(incidents: readonly KeptIncident[]): Promise<void>;
  /** Newest first. */
  list(query: IncidentQuery): Promise<IncidentView[]>;
  get(id: number): Promise<IncidentView | undefined>;
}
