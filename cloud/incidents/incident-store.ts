import type { IncidentView } from '../../shared/contracts/incident.ts';

/** One incident as stored. */
export interface StoredIncident {
  readonly view: IncidentView;
  /** Open causes: alarms as `alarm:<id>`, limits as `limit:<id>`, jumps as `jump:<feeder>`. */
  readonly causes: readonly string[];
}

/** Begun in [from, to), of a device: not over before `from` and begun before `to`, ms UTC of plant time; pass the last id as `before` to continue. */
export interface IncidentQuery {
  readonly from?: number;
  readonly to?: number;
  readonly substation?: string;
  /** Only incidents in which this device took part: it relieved them, exceeded its limit or was acted on. */
  readonly device?: { readonly gateway: string; readonly id: string };
  /** Only incidents that are not over. */
  readonly isOpen?: boolean;
  readonly before?: number;
  readonly limit: number;
}

/** The store of incidents. */
export interface IncidentStore {
  /** Incidents that may continue, oldest first, and the next free id. */
  load(since: number): Promise<{ readonly recent: readonly StoredIncident[]; readonly nextId: number }>;
  /** Stores the current state of incidents, atomically. */
  commit(incidents: readonly StoredIncident[]): Promise<void>;
  /** Newest first. */
  list(query: IncidentQuery): Promise<IncidentView[]>;
  get(id: number): Promise<IncidentView | undefined>;
}
