import type { Random } from '../../shared/ports/random.ts';
import { backOff } from '../../shared/time/back-off.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';

export interface ReconnectingLineOptions<Line> {
  /** Resolves once the line stands; from then on `onClose` says that it is lost. */
  readonly open: (onClose: (reason: string) => void) => Promise<Line>;
  readonly machine: TimeBase;
  readonly random: Random;
  /** Full jitter between tries, s: up to the first value, doubled at each failure up to the last. */
  readonly reconnectS?: readonly [number, number] | undefined;
  /** It stands; `line` is it from now on. */
  readonly onOpen: (line: Line) => void;
  /** Why it does not stand, after each try that failed and at each loss. */
  readonly onLost: (reason: string) => void;
}

const RECONNECT_S = [1, 15] as const;

/** A line that is opened again whenever it is lost. */
export class ReconnectingLine<Line extends { end(): Promise<void> }> {
  readonly #options: ReconnectingLineOptions<Line>;
  #line: Line | undefined;
  #attempt = 0;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(options: ReconnectingLineOptions<Line>) {
    this.#options = options;
  }

  /** Undefined while it does not stand. */
  get line(): Line | undefined {
    return this.#line;
  }

  start(): void {
    const { open, onOpen } = this.#options;
    let mine: Line | undefined;
    let isLost = false;
    const lose = (reason: string): void => {
      if (isLost) return;
      isLost = true;
      // Whatever is left of it goes too.
      void mine?.end().catch(() => undefined);
      this.#lost(mine, reason);
    };
    open(lose).then(
      (line) => {
        mine = line;
        if (isLost || this.#isOver) return void line.end().catch(() => undefined);
        this.#line = line;
        this.#attempt = 0;
        onOpen(line);
      },
      (error: unknown) => lose(error instanceof Error ? error.message : String(error)),
    );
  }

  /** The line that stands stays until it is lost; no other is opened. */
  openNoMore(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  async stop(): Promise<void> {
    this.openNoMore();
    const line = this.#line;
    this.#line = undefined;
    await line?.end();
  }

  #lost(line: Line | undefined, reason: string): void {
    if (line === this.#line) this.#line = undefined;
    if (this.#isOver) return;
    const { machine, random, reconnectS = RECONNECT_S, onLost } = this.#options;
    onLost(reason);
    this.#timer = machine.after(backOff(reconnectS, ++this.#attempt, random) * 1000, () => this.start());
  }
}
