import type { NodeWire, NodeWireEvents } from '../wire.ts';

/** What carries letters in a test: in order and a moment later, and whatever else a test does to them. */
export class FakeBroker {
  /** The owner that takes letters now. */
  owner: ((letter: Uint8Array) => void) | undefined;
  /** Every letter that was given to it, oldest first. */
  readonly toOwner: Buffer[] = [];
  readonly toNodes: Buffer[] = [];
  /** What comes of a letter: none, itself, or others in its place. */
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

  /** To every node, from nobody. */
  toAll(letter: Buffer): void {
    for (const { onLetter } of this.#nodes.values()) onLetter(letter);
  }

  /** All connections are lost. */
  fall(): void {
    this.owner = undefined;
    for (const { onClose } of this.#nodes.values()) onClose('the broker fell');
    this.#nodes.clear();
  }
}
