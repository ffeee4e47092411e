import type { ByLane, Lane } from './lanes.ts';

/** A task on its way to a node. */
export interface SentTask {
  readonly id: string;
  readonly lane: Lane;
  readonly name: string;
  /** It passes those that are not. */
  readonly isSoon: boolean;
  readonly body: Uint8Array;
}

/**
 * `taken`: a node works on it. `value`, `error`: what came of it; then the body holds it. `tooLarge`: what came of it fits into no message,
 * and whoever asked is to compute it.
 */
export type AnswerKind = 'taken' | 'value' | 'error' | 'tooLarge';

export interface Answer {
  /** Of the task. */
  readonly id: string;
  readonly kind: AnswerKind;
  readonly body: Uint8Array;
}

/** What the broker tells of the queues. */
export interface QueueLook {
  /** Threads of nodes that take tasks. */
  readonly threads: ByLane<number>;
  /** Tasks that wait for one. */
  readonly waiting: ByLane<number>;
  /** Tasks that no node brought to an end, of the last two weeks. */
  readonly dead: number;
}

export interface OwnerEvents {
  readonly onAnswer: (answer: Answer) => void;
  /** No node brought it to an end. */
  readonly onDead: (task: Pick<SentTask, 'id' | 'name'>) => void;
}

/** An owner's line to the queues. */
export interface OwnerLine {
  /** Resolves with whether the broker has it; rejects where the line is closed. */
  send(task: SentTask): Promise<boolean>;
  look(): Promise<QueueLook>;
  end(): Promise<void>;
}

/** A task as a node gets it. */
export interface TakenTask extends Omit<SentTask, 'isSoon'> {
  /** Who asked, and gets the answer. */
  readonly owner: string;
  /** Names the delivery on the line that it came by. */
  readonly tag: number;
}

/** A node's line to the queues. */
export interface NodeLine {
  /** Resolves with whether somebody hears it: false where the owner has gone. Rejects where the line is lost. */
  answer(owner: string, answer: Answer): Promise<boolean>;
  /** The task is through, and its place is free. */
  done(task: TakenTask): void;
  /** Another node gets it. */
  giveBack(task: TakenTask): void;
  /** No further task comes. */
  drain(): Promise<void>;
  end(): Promise<void>;
}
