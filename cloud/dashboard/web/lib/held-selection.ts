export interface HeldToken {
  readonly token: string;
  /** When it runs out by itself, on the clock of `now`, ms. */
  readonly until: number;
}

export interface HeldSelectionOptions {
  /** Gives up what a token stands for. */
  readonly cancel: (token: string) => void;
  readonly now: () => number;
}

/**
 * What one dialog has selected and not confirmed: its device is barred to everybody else meanwhile, so it is given back, once, when it is
 * given up. What comes in only after the dialog was closed is given back at once.
 */
export class HeldSelection {
  readonly #options: HeldSelectionOptions;
  #held: HeldToken | null = null;
  #isClosed = false;

  constructor(options: HeldSelectionOptions) {
    this.#options = options;
  }

  keep(held: HeldToken): void {
    this.#held = held;
    if (this.#isClosed) this.giveBack();
  }

  /** It is on its way to be confirmed: closing the dialog does not call that off. */
  confirming(): void {
    this.#held = null;
  }

  giveBack(): void {
    const held = this.#held;
    this.#held = null;
    if (held !== null && this.#options.now() < held.until) this.#options.cancel(held.token);
  }

  close(): void {
    this.#isClosed = true;
    this.giveBack();
  }
}
