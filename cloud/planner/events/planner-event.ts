export const EVENT_NAMES = ['forecast.issued', 'job.finished', 'model.transition', 'limit.predicted'] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** An event for planners. */
export interface PlannerEvent {
  /** Ascending; a stream resumes after the last id that was read. */
  readonly id: number;
  readonly event: EventName;
  /** Plant time, ms UTC. */
  readonly at: number;
  /** Readers of this target may see it; null: only its owner. */
  readonly target: string | null;
  readonly owner: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

const MOST_RETAINED = 1000;

/** The newest events, for listeners and for clients that reconnect. */
export class PlannerFeed {
  readonly #retained: PlannerEvent[] = [];
  readonly #listeners = new Set<(event: PlannerEvent) => void>();
  #last: number;

  /** `first`: every id up to it counts as used. Machine time, so that ids ascend across restarts. */
  constructor(first: number) {
    this.#last = first;
  }

  publish(event: Omit<PlannerEvent, 'id'>): void {
    this.take({ ...event, id: ++this.#last });
  }

  /** Takes over an event with its id from another feed. */
  take(published: PlannerEvent): void {
    this.#last = published.id;
    this.#retained.push(published);
    if (this.#retained.length > MOST_RETAINED) this.#retained.shift();
    for (const listener of this.#listeners) listener(published);
  }

  /** The retained events after an id, oldest first. */
  since(id: number): PlannerEvent[] {
    return this.#retained.filter((each) => each.id > id);
  }

  listen(listener: (event: PlannerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
