import type { Compute, TaskTable } from '../../shared/ports/compute.ts';
import type { Random } from '../../shared/ports/random.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { ANNOUNCE_MS, type Announcement } from './announcement.ts';
import { ReconnectingLine } from './reconnecting-line.ts';
import { byLane, travels, type ByLane } from './lanes.ts';
import type { Answer, NodeLine, TakenTask } from './lines.ts';
import { pack, TooLarge, unpack } from './task-bytes.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

export interface TaskWorkerOptions {
  readonly open: (events: {
    readonly onTask: (task: TakenTask, line: NodeLine) => void;
    readonly onClose: (reason: string) => void;
  }) => Promise<NodeLine>;
  /** What owners hear of this node. */
  readonly self: Announcement;
  readonly pools: ByLane<Compute<TaskTable>>;
  readonly machine: TimeBase;
  readonly random: Random;
  readonly reconnectS?: readonly [number, number] | undefined;
  /** Called with the reason when no tasks arrive; with null when they do again. */
  readonly onStanding: (why: string | null) => void;
  /** A task does not end: its thread is lost, and the process should restart. */
  readonly onStuck: (task: TakenTask) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Counted since start. */
export interface LaneCounts {
  busy: number;
  done: number;
  failed: number;
  /** Tasks whose owner has gone. */
  orphaned: number;
  /** Machine time spent on tasks, s. */
  seconds: number;
}

/** Shorter than the broker's delivery timeout of 30 min, after which another node gets the task too. */
const LONGEST_MS = 25 * 60_000;
const GOODBYE_MS = 2000;
const NOTHING = new Uint8Array();

/** A task in work, or whose answer waits for a line. */
interface Hand {
  readonly owner: string;
  /** The broker's deliveries of it: another one for each lost line, of this node or of the owner. */
  readonly deliveries: (readonly [task: TakenTask, line: NodeLine])[];
  /** Undefined while it is computed or sent. */
  answer?: Answer | undefined;
}

/**
 * Works for owners: takes tasks from the queues and returns the results. A task is a pure function, so a node stores nothing, and another
 * one replaces it if it dies. If the line is lost during a task, the answer goes over the next line; the owner takes the first one. A task
 * that the broker delivers again meanwhile is computed once.
 */
export class TaskWorker {
  readonly #options: TaskWorkerOptions;
  readonly #line: ReconnectingLine<NodeLine>;
  readonly #working = new Set<Promise<void>>();
  readonly #inHand = new Map<string, Hand>();
  readonly #counts = byLane((): LaneCounts => ({ busy: 0, done: 0, failed: 0, orphaned: 0, seconds: 0 }));
  /** Set by `stop`; resolves once the broker sends no further tasks. */
  #drained: Promise<void> | undefined;
  #announcing: Timer | undefined;
  #isOver = false;

  constructor(options: TaskWorkerOptions) {
    this.#options = options;
    const { machine, random, reconnectS, open, onStanding } = options;
    this.#line = new ReconnectingLine<NodeLine>({
      machine,
      random,
      reconnectS,
      open: (onClose) => open({ onClose, onTask: (task, line) => this.#take(task, line) }),
      onOpen: (line) => {
        onStanding(null);
        line.announce(options.self);
        for (const hand of this.#inHand.values()) this.#tell(hand, line).catch(options.onFailure);
      },
      onLost: onStanding,
    });
  }

  get counts(): ByLane<Readonly<LaneCounts>> {
    return this.#counts;
  }

  start(): void {
    this.#line.start();
    const { machine, self } = this.#options;
    this.#announcing = every(machine, ANNOUNCE_MS, () => this.#line.line?.announce(self));
  }

  /**
   * Takes no further tasks, and stops once those in hand are done or `patienceMs` have passed: unfinished ones then go to other nodes.
   * Waits only a moment for a broker that does not answer.
   */
  async stop(patienceMs: number): Promise<void> {
    // A new line would bring tasks.
    this.#line.openNoMore();
    this.#drained = this.#line.line?.drain().catch(() => undefined) ?? Promise.resolve();
    await this.#within(patienceMs, Promise.all([this.#drained, ...this.#working]));
    this.#isOver = true;
    this.#announcing?.cancel();
    await this.#within(GOODBYE_MS, this.#line.stop());
  }

  async #within(patienceMs: number, what: Promise<unknown>): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.#options.machine.after(patienceMs, () => late.resolve());
    await Promise.race([late.promise, what.catch(() => undefined)]);
    timer.cancel();
  }

  #take(task: TakenTask, line: NodeLine): void {
    // Waits for the drain: a task given back sooner would return at once, and again, until the broker gives it up.
    if (this.#drained !== undefined) return void this.#drained.then(() => line.giveBack(task));
    const work = this.#work(task, line)
      .catch(this.#options.onFailure)
      .finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #work(task: TakenTask, line: NodeLine): Promise<void> {
    const { id, owner, lane } = task;
    const delivery = [task, line] as const;
    const counts = this.#counts[lane];
    // If the line is already lost, another node has the task.
    const isHeard = await line.answer(owner, { id, kind: 'taken', body: NOTHING }).catch(() => undefined);
    if (isHeard === undefined) return;
    if (!isHeard) {
      counts.orphaned++;
      return line.done(task);
    }
    const known = this.#inHand.get(id);
    if (known !== undefined) {
      known.deliveries.push(delivery);
      return this.#tell(known, line);
    }
    const hand: Hand = { owner, deliveries: [delivery] };
    this.#inHand.set(id, hand);
    const { machine, onStuck } = this.#options;
    const stuck = machine.after(LONGEST_MS, () => onStuck(task));
    const began = machine.elapsed();
    counts.busy++;
    const answer = await this.#answerTo(task);
    counts.busy--;
    counts.seconds += (machine.elapsed() - began) / 1000;
    stuck.cancel();
    // The threads were stopped with the process: the broker gives the task to another node.
    if (this.#isOver) return;
    if (answer.kind === 'value') counts.done++;
    else counts.failed++;
    hand.answer = answer;
    const now = this.#line.line;
    if (now !== undefined) await this.#tell(hand, now);
  }

  async #answerTo({ id, lane, name, body }: TakenTask): Promise<Answer> {
    try {
      if (travels(lane, name) === undefined) throw new Error(`unknown task ${name} in lane ${lane}`);
      const value = await this.#options.pools[lane].run(name, (await unpack(body)) as never);
      return { id, kind: 'value', body: await pack(value) };
    } catch (error) {
      if (error instanceof TooLarge) return { id, kind: 'tooLarge', body: NOTHING };
      return {
        id,
        kind: 'error',
        body: await pack({ message: messageOf(error) }),
      };
    }
  }

  /** Sends an answer that is due; if the line is lost, the next one sends it. */
  async #tell(hand: Hand, line: NodeLine): Promise<void> {
    const { owner, answer, deliveries } = hand;
    if (answer === undefined) return;
    hand.answer = undefined;
    try {
      await line.answer(owner, answer);
    } catch {
      hand.answer = answer;
      for (const [task, on] of deliveries.splice(0)) on.giveBack(task);
      return;
    }
    this.#inHand.delete(answer.id);
    for (const [task, on] of deliveries) on.done(task);
  }
}
