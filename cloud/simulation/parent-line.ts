import { bad, type Outcome } from '../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { TimeLine } from '../../shared/time/timeline-clock.ts';
import type { SpikeRequest } from '../api/owner.ts';

/** Messages of a cloud next to a simulated plant to its parent process. */
export type FromCloud =
  | { readonly type: 'ready'; readonly url: string; readonly token: string; readonly operator: DemoUser }
  | { readonly type: 'progress'; readonly text: string }
  | { readonly type: 'done'; readonly of: PacedWork; readonly plantTime: number; readonly periodMs: number }
  | { readonly type: 'spike'; readonly id: number; readonly request: SpikeRequest };

/** The cloud's work on plant time, whose progress is reported. */
export const pacedWork = ['estimates', 'plans'] as const;
export type PacedWork = (typeof pacedWork)[number];

export interface DemoUser {
  readonly name: string;
  readonly password: string;
}

export type SpikeOutcome = Outcome<{ readonly acceptedAt: number }>;

/** Messages of the parent: the time line that plant time follows; the speed requested, in force and reached; the outcome of a spike. */
export type ToCloud =
  | { readonly type: 'timeline'; readonly line: TimeLine }
  | ({ readonly type: 'pace' } & PlantPace)
  | { readonly type: 'spike-outcome'; readonly id: number; readonly outcome: SpikeOutcome };

/** Plant seconds per second: `speed` is below the requested one while people watch a spike. */
export interface PlantPace {
  readonly asked: number;
  readonly speed: number;
  readonly reached: number;
}

/** The part of a forked process's IPC channel that is needed here. */
export interface ParentPort {
  send?: ((message: FromCloud) => boolean) | undefined;
  on(event: 'message', listener: (message: ToCloud) => void): unknown;
}

const ANSWER_MS = 5_000;

/** The cloud's end of the connection to the process that runs the plant. */
export class ParentLine {
  readonly #port: ParentPort;
  readonly #machine: () => TimeBase;
  readonly #waiting = new Map<number, (outcome: SpikeOutcome) => void>();
  readonly #lineListeners = new Set<(line: TimeLine) => void>();
  #pace: PlantPace = { asked: 0, speed: 0, reached: 0 };
  #line: TimeLine | undefined;
  #next = 1;

  constructor(port: ParentPort, machine: () => TimeBase) {
    this.#port = port;
    this.#machine = machine;
  }

  start(): void {
    this.#port.on('message', (message) => this.#hear(message));
  }

  get pace(): PlantPace {
    return this.#pace;
  }

  /** The last time line received. */
  get line(): TimeLine | undefined {
    return this.#line;
  }

  /** The first time line, once received. */
  firstLine(): Promise<TimeLine> {
    if (this.#line !== undefined) return Promise.resolve(this.#line);
    return new Promise((resolve) => {
      const listener = (line: TimeLine): void => {
        this.#lineListeners.delete(listener);
        resolve(line);
      };
      this.#lineListeners.add(listener);
    });
  }

  onLine(listener: (line: TimeLine) => void): void {
    this.#lineListeners.add(listener);
  }

  tell(message: FromCloud): void {
    this.#port.send?.(message);
  }

  /** Requests a spike from the plant; LS-API-009 if it does not answer within five seconds. */
  inject(request: SpikeRequest): Promise<SpikeOutcome> {
    const id = this.#next++;
    return new Promise((resolve) => {
      const timer = this.#machine().after(ANSWER_MS, () => {
        this.#waiting.delete(id);
        resolve(bad('LS-API-009', 'the simulated plant did not answer in time'));
      });
      this.#waiting.set(id, (outcome) => {
        timer.cancel();
        resolve(outcome);
      });
      this.tell({ type: 'spike', id, request });
    });
  }

  #hear(message: ToCloud): void {
    switch (message.type) {
      case 'timeline':
        this.#line = message.line;
        for (const listener of this.#lineListeners) listener(message.line);
        break;
      case 'pace':
        this.#pace = message;
        break;
      case 'spike-outcome':
        this.#waiting.get(message.id)?.(message.outcome);
        this.#waiting.delete(message.id);
        break;
    }
  }
}
