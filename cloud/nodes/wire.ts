/** A transport for letters: at most once and in order, to a queue, while it lasts. */
export interface NodeWire {
  /** The queue for letters to this node. */
  readonly queue: string;
  /** Sends to the owner; `tag` comes back with the result. */
  send(letter: Buffer, tag: number): void;
  end(): Promise<void>;
}

export interface NodeWireEvents {
  readonly onLetter: (letter: Uint8Array) => void;
  /** The letter waits for the owner, or has reached it. */
  readonly onSent: (tag: number) => void;
  /** There is no owner: the letter was not and will not be delivered. */
  readonly onReturned: (tag: number) => void;
  readonly onClose: (why: string) => void;
}

export interface OwnerWire {
  /** Starts the delivery of letters. */
  listen(): Promise<void>;
  /** Sends to the queue of a node; drops the letter if the queue is gone. */
  send(queue: string, letter: Buffer): void;
  end(): Promise<void>;
}

export interface OwnerWireEvents {
  readonly onLetter: (letter: Uint8Array) => void;
  readonly onClose: (why: string) => void;
}
