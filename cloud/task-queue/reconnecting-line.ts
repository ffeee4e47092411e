import type { Random } from '../../shared/ports/random.ts';
import { backOff } from '../../shared/time/back-off.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

export interface ReconnectingLineOptions<Line> {
  /** Resolves once the line is open; afterwards `onClose` reports its loss. */
  readonly open: (onClose: (reason: string) => void) => Promise<Line>;
  readonly machine: TimeBase;
  readonly random: Random;
  /** Delay between attempts with full jitter, s: up to the first value, doubled at each failure up to the last. */
  readonly reconnectS?: readonly [number, number] | undefined;
  /** The line is open; `line` returns it from now on. */
  readonly onOpen: (line: Line) => void;
  /** Called with the reason after each failed attempt and each loss. */
  readonly onLost: (reason: string) => void;
}

const RECONNECT_S = [1, 15] as const;

/** A line that is reopened whenever it is lost. */
export class ReconnectingLine<Line extends { end(): Promise<void> }> {
  readonly #options: ReconnectingLineOptions<Line>;
  #line: Line | undefined;
  #attempt = 0;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(options: ReconnectingLineOptions<Line>) {
    this.#options = options;
  }

  /** Undefined while it is not open. */
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
      // Closes whatever is left of it.
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
      (error: unknown) => lose(messageOf(error)),
    );
  }

  /** An open line stays until it is lost; no other is opened. */
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
