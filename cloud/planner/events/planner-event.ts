export const EVENT_NAMES = ['forecast.issued', 'job.finished', 'model.transition', 'limit.predicted'] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** What a planner may want to hear of. */
export interface PlannerEvent {
  /** Ascending; a stream goes on behind the last one that was read. */
  readonly id: number;
  readonly event: EventName;
  /** Plant time, ms UTC. */
  readonly at: number;
  /** Whose readers may hear of it; null: its owner alone. */
  readonly target: string | null;
  readonly owner: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

const MOST_KEPT = 1000;

/** The newest events, for whoever listens and for whoever comes back. */
export class PlannerFeed {
  readonly #kept: PlannerEvent[] = [];
  readonly #listeners = new Set<(event: PlannerEvent) => void>();
  #last: number;

  /** `first`: below it every id was given before; machine time, so that ids ascend over restarts. */
  constructor(first: number) {
    this.#last = first;
  }

  publish(event: Omit<PlannerEvent, 'id'>): void {
    this.take({ ...event, id: ++this.#last });
  }

  /** Takes an event with its id, as another feed has published it. */
  take(published: PlannerEvent): void {
    this.#last = published.id;
    this.#kept.push(published);
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
    for (const listener of this.#listeners) listener(published);
  }

  /** What is kept of what came after an id, oldest first. */
  since(id: number): PlannerEvent[] {
    return this.#kept.filter((each) => each.id > id);
  }

  listen(listener: (event: PlannerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
