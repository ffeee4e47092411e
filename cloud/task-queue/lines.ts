import type { Announcement } from './announcement.ts';
import type { ByLane, Lane } from './lanes.ts';

/** A task on its way to a node. */
export interface SentTask {
  readonly id: string;
  readonly lane: Lane;
  readonly name: string;
  /** True if it overtakes tasks that are not. */
  readonly isSoon: boolean;
  readonly body: Uint8Array;
}

/**
 * `taken`: a node works on it. `value`, `error`: the result, in the body. `tooLarge`: the result does not fit into a message, so the owner
 * must compute it.
 */
export type AnswerKind = 'taken' | 'value' | 'error' | 'tooLarge';

export interface Answer {
  /** Id of the task. */
  readonly id: string;
  readonly kind: AnswerKind;
  readonly body: Uint8Array;
}

/** The broker's view of the queues. */
export interface QueueLook {
  /** Threads of nodes that take tasks. */
  readonly threads: ByLane<number>;
  /** Tasks that wait for a thread. */
  readonly waiting: ByLane<number>;
  /** Tasks given up in the last two weeks. */
  readonly dead: number;
}

export interface OwnerEvents {
  readonly onAnswer: (answer: Answer) => void;
  /** A task was given up: no node completed it. */
  readonly onDead: (task: Pick<SentTask, 'id' | 'name'>) => void;
  readonly onNode: (node: Announcement) => void;
}

/** An owner's line to the queues. */
export interface OwnerLine {
  /** Resolves with whether the broker has it; rejects if the line is closed. */
  send(task: SentTask): Promise<boolean>;
  look(): Promise<QueueLook>;
  end(): Promise<void>;
}

/** A task as a node receives it. */
export interface TakenTask extends Omit<SentTask, 'isSoon'> {
  /** The owner that asked and gets the answer. */
  readonly owner: string;
  /** Names the delivery on its line. */
  readonly tag: number;
}

/** A node's line to the queues. */
export interface NodeLine {
  /** Resolves with whether an owner receives it: false if the owner has gone. Rejects if the line is lost. */
  answer(owner: string, answer: Answer): Promise<boolean>;
  /** Says to all owners that this node is there. Sent at most once, and lost without an owner. */
  announce(node: Announcement): void;
  /** The task is finished; the node may get another. */
  done(task: TakenTask): void;
  /** Gives the task to another node. */
  giveBack(task: TakenTask): void;
  /** Stops further tasks. */
  drain(): Promise<void>;
  end(): Promise<void>;
}
