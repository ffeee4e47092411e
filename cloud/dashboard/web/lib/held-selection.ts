export interface HeldToken {
  readonly token: string;
  /** Expiry of the selection on the clock of `now`, ms. */
  readonly until: number;
}

export interface HeldSelectionOptions {
  /** Cancels the selection behind a token. */
  readonly cancel: (token: string) => void;
  readonly now: () => number;
}

/**
 * The unconfirmed selection of a dialog. It locks the device for everybody else, so it is cancelled, once, when it is abandoned. A
 * selection that arrives after the dialog closed is cancelled at once.
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

  /** The confirmation is on its way; closing the dialog no longer cancels it. */
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
