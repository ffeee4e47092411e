/** What carries letters: each at most once and in order, to a queue or to nobody, for as long as it stands. */
export interface NodeWire {
  /** Where letters to this node go. */
  readonly queue: string;
  /** To the owner. `tag` comes back with what became of it. */
  send(letter: Buffer, tag: number): void;
  end(): Promise<void>;
}

export interface NodeWireEvents {
  readonly onLetter: (letter: Uint8Array) => void;
  /** It waits for the owner, or is with it. */
  readonly onSent: (tag: number) => void;
  /** No owner is there: nobody has got it, nor will. */
  readonly onReturned: (tag: number) => void;
  readonly onClose: (why: string) => void;
}

export interface OwnerWire {
  /** From here on letters come. */
  listen(): Promise<void>;
  /** To the queue of a node; one that is gone gets nothing. */
  send(queue: string, letter: Buffer): void;
  end(): Promise<void>;
}

export interface OwnerWireEvents {
  readonly onLetter: (letter: Uint8Array) => void;
  readonly onClose: (why: string) => void;
}
