import { byLane, LANES, type Lane } from '../lanes.ts';
import type { Answer, NodeLine, OwnerEvents, OwnerLine, QueueLook, SentTask, TakenTask } from '../lines.ts';

type Events = OwnerEvents & { readonly onClose: (reason: string) => void };

interface FakeNode {
  readonly take: (task: TakenTask, line: NodeLine) => void;
  readonly close: (reason: string) => void;
  readonly line: NodeLine;
  /** Unsettled tasks, by tag. */
  readonly inHand: Map<number, { readonly task: SentTask; readonly owner: string }>;
  places: number;
}

/** Queues in memory that behave like a broker: what a lost line held goes to the next. */
export class FakeQueue {
  readonly owners = new Map<string, Events>();
  readonly nodes: FakeNode[] = [];
  readonly waiting: { readonly task: SentTask; readonly owner: string }[] = [];
  /** Tasks sent by owners, in order. */
  readonly sent: SentTask[] = [];
  dead = 0;
  takes = true;
  /** While set, the broker does not answer owners but keeps their lines. */
  mute: Promise<void> | undefined;
  #tags = 0;

  /** An owner's line. */
  owner(name: string): (events: Events) => Promise<OwnerLine> {
    return async (events) => {
      this.owners.set(name, events);
      return {
        send: async (task) => {
          if (this.mute !== undefined) await this.mute;
          if (!this.takes) return false;
          this.sent.push(task);
          this.waiting.push({ task, owner: name });
          this.#deliver();
          return true;
        },
        look: async () => {
          if (this.mute !== undefined) await this.mute;
          return this.#look();
        },
        end: async () => void this.owners.delete(name),
      };
    };
  }

  /** A node's line with this many places in the plan lane. */
  async node(places: number, { onTask, onClose }: { onTask: FakeNode['take']; onClose: FakeNode['close'] }) {
    const inHand: FakeNode['inHand'] = new Map();
    const settle = (tag: number): void => {
      if (inHand.delete(tag)) node.places++;
      this.#deliver();
    };
    const line: NodeLine = {
      answer: async (owner, answer: Answer) => {
        if (!this.nodes.includes(node)) throw new Error('the connection was lost');
        this.owners.get(owner)?.onAnswer(answer);
        return this.owners.has(owner);
      },
      announce: (own) => this.owners.forEach(({ onNode }) => onNode(own)),
      done: ({ tag }) => settle(tag),
      giveBack: ({ tag }) => {
        const held = inHand.get(tag);
        if (held !== undefined) this.waiting.unshift(held);
        settle(tag);
      },
      drain: async () => void (node.places = -100),
      end: async () => this.lose(node, 'ended'),
    };
    const node: FakeNode = { take: onTask, close: onClose, line, inHand, places };
    this.nodes.push(node);
    this.#deliver();
    return line;
  }

  /** Closes a node's line; the node learns of it unless it is frozen. */
  lose(node: FakeNode, reason: string, isFrozen = false): void {
    const at = this.nodes.indexOf(node);
    if (at < 0) return;
    this.nodes.splice(at, 1);
    this.waiting.unshift(...node.inHand.values());
    node.inHand.clear();
    this.#deliver();
    if (!isFrozen) node.close(reason);
  }

  #look(): QueueLook {
    const plans = this.nodes.reduce((sum, { places, inHand }) => sum + Math.max(0, places) + inHand.size, 0);
    const of = (lane: Lane): number => (lane === 'plan' ? plans : this.nodes.length);
    const waiting = Object.groupBy(this.waiting, ({ task }) => task.lane);
    return { threads: byLane(of), waiting: byLane((lane) => waiting[lane]?.length ?? 0), dead: this.dead };
  }

  #deliver(): void {
    for (const node of this.nodes)
      while (node.places > 0 && this.waiting.length > 0) {
        const next = this.waiting.shift()!;
        const tag = ++this.#tags;
        node.places--;
        node.inHand.set(tag, next);
        const { id, lane, name, body } = next.task;
        if (!LANES.includes(lane)) throw new Error(`no lane ${lane}`);
        node.take({ id, lane, name, body, owner: next.owner, tag }, node.line);
      }
  }
}
