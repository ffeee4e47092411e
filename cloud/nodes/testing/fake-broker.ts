import type { NodeWire, NodeWireEvents } from '../wire.ts';

/** A broker for tests: delivers letters in order a moment later, and lets a test interfere. */
export class FakeBroker {
  /** The owner that receives letters now. */
  owner: ((letter: Uint8Array) => void) | undefined;
  /** All letters sent to it, oldest first. */
  readonly toOwner: Buffer[] = [];
  readonly toNodes: Buffer[] = [];
  /** Turns a letter into what is delivered: nothing, itself, or others. */
  onOwner: (letter: Buffer) => readonly Buffer[] = (letter) => [letter];
  onNode: (letter: Buffer) => readonly Buffer[] = (letter) => [letter];
  readonly #nodes = new Map<string, NodeWireEvents>();
  #next = 1;

  open(events: NodeWireEvents): Promise<NodeWire> {
    const queue = `node-${this.#next++}`;
    this.#nodes.set(queue, events);
    return Promise.resolve({
      queue,
      send: (letter, tag) => {
        this.toOwner.push(letter);
        setImmediate(() => {
          const { owner } = this;
          if (owner === undefined) return events.onReturned(tag);
          events.onSent(tag);
          for (const each of this.onOwner(letter)) owner(each);
        });
      },
      end: () => {
        this.#nodes.delete(queue);
        return Promise.resolve();
      },
    });
  }

  send(queue: string, letter: Buffer): void {
    this.toNodes.push(letter);
    setImmediate(() => {
      for (const each of this.onNode(letter)) this.#nodes.get(queue)?.onLetter(each);
    });
  }

  /** Sends a letter to every node, without an owner. */
  toAll(letter: Buffer): void {
    for (const { onLetter } of this.#nodes.values()) onLetter(letter);
  }

  /** Drops all connections. */
  fall(): void {
    this.owner = undefined;
    for (const { onClose } of this.#nodes.values()) onClose('the broker fell');
    this.#nodes.clear();
  }
}
