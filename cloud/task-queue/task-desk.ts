import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Random } from '../../shared/ports/random.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { ReconnectingLine } from './reconnecting-line.ts';
import { GONE_MS, type Announcement } from './announcement.ts';
import { byLane, LANES, type ByLane, type Lane } from './lanes.ts';
import type { Answer, OwnerEvents, OwnerLine, QueueLook, SentTask } from './lines.ts';
import { pack, TooLarge, unpack } from './task-bytes.ts';

export interface TaskDeskOptions {
  readonly open: (events: OwnerEvents & { readonly onClose: (reason: string) => void }) => Promise<OwnerLine>;
  readonly machine: TimeBase;
  readonly random: Random;
  readonly newId: () => string;
  /** True if this process has its own threads for a lane; then no task waits for a node that may never come. */
  readonly hasOwn: (lane: Lane) => boolean;
  readonly reconnectS?: readonly [number, number] | undefined;
  /** The number of threads that take tasks of a lane has changed. */
  readonly onThreads: (lane: Lane) => void;
  /** A task of this name was given up: no node completed it. */
  readonly onDead: (name: string) => void;
  /** Called with the reason when tasks cannot be sent; with null when they can again. */
  readonly onStanding: (why: string | null) => void;
  readonly onFailure: (error: unknown) => void;
}

/** The state of the nodes. */
export interface NodesStanding extends QueueLook {
  /** Since when no node takes plans, machine time, ms UTC; null: one does, or the desk has not looked yet. */
  readonly aloneSince: number | null;
  /** Tasks without an answer. */
  readonly asked: number;
  /** Those of each lane that a node works on. */
  readonly running: ByLane<number>;
  /** Those of each lane that no node works on. */
  readonly queued: ByLane<number>;
  /** Nodes that announced themselves a moment ago, also those of other versions. */
  readonly nodes: readonly Announcement[];
  /** Answers to tasks that had one already, or that are unknown. */
  readonly late: number;
}

interface Asked extends SentTask {
  isSent: boolean;
  /** A node has said that it works on it. */
  isTaken: boolean;
  readonly answer: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** There is no node for a task; this process computes it itself. */
export class NoNode extends Error {}

const LOOK_MS = 5000;
/** A broker with full memory or disk keeps a publisher's connection open but reads nothing from it. */
const MUTE_MS = 10_000;
/** How long a stop waits for plans that are nearly done. */
const PATIENCE_MS = 5000;
const NONE = byLane(() => 0);
const MOST_NODES = 1000;

/**
 * Sends tasks to nodes and gives each task one answer: the first. A task is sent again if the line was lost, so two nodes may work on it;
 * and a frozen node may wake and answer a task that another has done.
 */
export class TaskDesk {
  readonly #options: TaskDeskOptions;
  readonly #line: ReconnectingLine<OwnerLine>;
  readonly #asked = new Map<string, Asked>();
  /** By name: nodes, and when they last announced themselves, machine time elapsed. */
  readonly #nodes = new Map<string, { readonly node: Announcement; readonly at: number }>();
  #threads = NONE;
  #waiting = NONE;
  #dead = 0;
  /** Since when no node takes plans: machine time, and machine time elapsed; the wall clock may jump. */
  #alone: { readonly since: number; readonly at: number } | null = null;
  #late = 0;
  #timer: Timer | undefined;
  /** The line on which a look at the queues is pending. */
  #lookingOn: OwnerLine | undefined;
  #isOver = false;

  constructor(options: TaskDeskOptions) {
    this.#options = options;
    const { machine, random, reconnectS } = options;
    this.#line = new ReconnectingLine<OwnerLine>({
      machine,
      random,
      reconnectS,
      open: (onClose) =>
        options.open({
          onClose,
          onAnswer: (answer) => this.#answered(answer),
          onDead: ({ id, name }) => {
            const task = this.#take(id);
            // A copy of a task that has its answer.
            if (task === undefined) return;
            task.reject(
              new LoadstoneError(
                'LS-NODE-002',
                `${name} was given up: it was returned four times, as its nodes died or lost the broker`,
              ),
            );
            options.onDead(name);
          },
          onNode: (node) => this.#announced(node),
        }),
      onOpen: () => {
        options.onStanding(null);
        for (const task of this.#asked.values()) task.isSent = false;
        this.#lookAround().catch(options.onFailure);
      },
      onLost: (reason) => this.#away(reason),
    });
  }

  start(): void {
    this.#line.start();
    // Looks do not wait for each other, so that a broker that does not answer blocks no task.
    this.#timer = every(this.#options.machine, LOOK_MS, () => {
      this.#lookAround().catch(this.#options.onFailure);
    });
  }

  /** Waits a moment for plans under way; then everything pending and later fails with LS-NODE-001. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    const late = Promise.withResolvers<void>();
    const timer = this.#options.machine.after(PATIENCE_MS, () => late.resolve());
    const plans = [...this.#asked.values()].filter(({ lane }) => lane === 'plan');
    this.#isOver = true;
    await Promise.race([late.promise, Promise.allSettled(plans.map(({ answer }) => answer))]);
    timer.cancel();
    for (const id of this.#asked.keys()) this.#take(id)?.reject(ended());
    await this.#line.stop().catch(this.#options.onFailure);
  }

  /** Number of node threads that take tasks of this lane. */
  threads(lane: Lane): number {
    return this.#isOver ? 0 : this.#threads[lane];
  }

  /** How long no node has taken plans; 0: one does, or the desk has not looked yet. */
  get aloneMs(): number {
    return this.#alone === null ? 0 : this.#options.machine.elapsed() - this.#alone.at;
  }

  standing(): NodesStanding {
    const asked = [...this.#asked.values()];
    // A node that dies leaves its tasks marked, and without threads none runs.
    const running = byLane((lane) =>
      Math.min(this.threads(lane), asked.filter((task) => task.lane === lane && task.isTaken).length),
    );
    const since = this.#options.machine.elapsed() - GONE_MS;
    return {
      threads: this.#threads,
      waiting: this.#waiting,
      dead: this.#dead,
      aloneSince: this.#alone?.since ?? null,
      asked: asked.length,
      running,
      queued: byLane((lane) => asked.filter((task) => task.lane === lane).length - running[lane]),
      nodes: [...this.#nodes.values()].flatMap(({ node, at }) => (at >= since ? [node] : [])),
      late: this.#late,
    };
  }

  /**
   * Rejects with TooLarge if input or result does not fit into a message, with NoNode, LS-NODE-001, LS-NODE-002, or with the message of
   * what the task threw.
   */
  async ask(lane: Lane, name: string, { input, isSoon }: { input: unknown; isSoon: boolean }): Promise<unknown> {
    if (this.#isOver) throw ended();
    const body = await pack(input);
    if (this.#isOver) throw ended();
    // The nodes left while it was packed.
    if (this.#threads[lane] === 0 && this.#options.hasOwn(lane)) throw new NoNode();
    const { promise: answer, resolve, reject } = Promise.withResolvers<unknown>();
    const id = this.#options.newId();
    const task: Asked = { id, lane, name, isSoon, body, isSent: false, isTaken: false, answer, resolve, reject };
    this.#asked.set(id, task);
    this.#send(task).catch(this.#options.onFailure);
    return answer;
  }

  /** Sends a task; if the broker does not take it, the next look tries again. */
  async #send(task: Asked): Promise<void> {
    const { line } = this.#line;
    if (task.isSent || line === undefined) return;
    task.isSent = true;
    const isThere = await line.send(task).catch(() => false);
    if (!isThere && this.#line.line === line) task.isSent = false;
  }

  #answered({ id, kind, body }: Answer): void {
    if (kind === 'taken') {
      const begun = this.#asked.get(id);
      if (begun !== undefined) begun.isTaken = true;
      return;
    }
    const task = this.#take(id);
    if (task === undefined) {
      this.#late++;
      return;
    }
    if (kind === 'tooLarge') return task.reject(new TooLarge('the result of the task'));
    unpack(body).then(
      (value) => (kind === 'value' ? task.resolve(value) : task.reject(new Error(messageOf(value)))),
      task.reject,
    );
  }

  /** Keeps a bounded number of nodes, whoever writes to the queue. */
  #announced(node: Announcement): void {
    this.#nodes.delete(node.name);
    this.#nodes.set(node.name, { node, at: this.#options.machine.elapsed() });
    if (this.#nodes.size > MOST_NODES) this.#nodes.delete(this.#nodes.keys().next().value!);
  }

  /** Removes a task; the caller settles it. */
  #take(id: string): Asked | undefined {
    const task = this.#asked.get(id);
    this.#asked.delete(id);
    return task;
  }

  /** Sends what the broker has not taken, and queries the queues; one query at a time, because the broker answers in order. */
  async #lookAround(): Promise<void> {
    const { line } = this.#line;
    if (line === undefined) return;
    for (const task of this.#asked.values()) this.#send(task).catch(this.#options.onFailure);
    if (this.#lookingOn === line) return;
    this.#lookingOn = line;
    let isMute = false;
    const late = this.#options.machine.after(MUTE_MS, () => {
      if (this.#line.line !== line) return;
      isMute = true;
      this.#away('RabbitMQ does not answer: check whether its memory or disk is full');
    });
    // The loss of the line is reported elsewhere.
    const look = await line.look().catch(() => undefined);
    late.cancel();
    if (this.#lookingOn === line) this.#lookingOn = undefined;
    if (look === undefined || this.#line.line !== line) return;
    if (isMute) this.#options.onStanding(null);
    this.#dead = look.dead;
    this.#waiting = look.waiting;
    this.#takes(look.threads);
  }

  /** No task reaches a node. */
  #away(why: string): void {
    this.#options.onStanding(why);
    this.#takes(NONE);
  }

  /** Takes the current number of node threads by lane. */
  #takes(threads: ByLane<number>): void {
    const { machine, hasOwn, onThreads } = this.#options;
    const before = this.#threads;
    this.#threads = threads;
    this.#alone = threads.plan > 0 ? null : (this.#alone ?? { since: machine.now(), at: machine.elapsed() });
    for (const lane of LANES) {
      if (threads[lane] === 0 && hasOwn(lane))
        for (const { id } of [...this.#asked.values()].filter((task) => task.lane === lane))
          this.#take(id)?.reject(new NoNode());
      if (threads[lane] !== before[lane]) onThreads(lane);
    }
  }
}

const ended = (): LoadstoneError => new LoadstoneError('LS-NODE-001', 'the cloud is stopping');

const messageOf = (value: unknown): string => String((value as { readonly message?: unknown } | undefined)?.message);
