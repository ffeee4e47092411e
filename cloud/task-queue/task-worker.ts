import type { Compute, TaskTable } from '../../shared/ports/compute.ts';
import type { Random } from '../../shared/ports/random.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { ReconnectingLine } from './reconnecting-line.ts';
import { byLane, travels, type ByLane } from './lanes.ts';
import type { Answer, NodeLine, TakenTask } from './lines.ts';
import { pack, TooLarge, unpack } from './task-bytes.ts';

export interface TaskWorkerOptions {
  readonly open: (events: {
    readonly onTask: (task: TakenTask, line: NodeLine) => void;
    readonly onClose: (reason: string) => void;
  }) => Promise<NodeLine>;
  readonly pools: ByLane<Compute<TaskTable>>;
  readonly machine: TimeBase;
  readonly random: Random;
  readonly reconnectS?: readonly [number, number] | undefined;
  /** Why no task comes; null: they come again. */
  readonly onStanding: (why: string | null) => void;
  /** A task goes on without an end: its thread is lost to this process, which is to start anew. */
  readonly onStuck: (task: TakenTask) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Counted since the start. */
export interface LaneCounts {
  busy: number;
  done: number;
  failed: number;
  /** Of an owner that has gone. */
  orphaned: number;
  /** What tasks took, machine time, s. */
  seconds: number;
}

/** Shorter than the broker waits for a task, 30 min: behind that it gives the task to another node too. */
const LONGEST_MS = 25 * 60_000;
const GOODBYE_MS = 2000;
const NOTHING = new Uint8Array();

/**
 * Works for owners: takes tasks off the queues, and answers whoever asked. A task is a pure function, so a node keeps nothing, and one
 * that dies is made up for by another. Where the line was lost while a task was worked on, its answer goes by the next one: the owner
 * takes the first that comes.
 */
export class TaskWorker {
  readonly #options: TaskWorkerOptions;
  readonly #line: ReconnectingLine<NodeLine>;
  readonly #working = new Set<Promise<void>>();
  readonly #unsent: (readonly [owner: string, answer: Answer])[] = [];
  readonly #counts = byLane((): LaneCounts => ({ busy: 0, done: 0, failed: 0, orphaned: 0, seconds: 0 }));
  /** It stops: resolves once the broker sends no further task. */
  #drained: Promise<void> | undefined;
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
        for (const [owner, answer] of this.#unsent.splice(0)) this.#tell(owner, answer, line).catch(options.onFailure);
      },
      onLost: onStanding,
    });
  }

  get counts(): ByLane<Readonly<LaneCounts>> {
    return this.#counts;
  }

  start(): void {
    this.#line.start();
  }

  /**
   * Takes no further task, and ends once those in hand are done, or `patienceMs` later: what is not done then goes to other nodes. A
   * broker that does not answer is waited for no longer than a moment.
   */
  async stop(patienceMs: number): Promise<void> {
    // A new line would bring tasks.
    this.#line.openNoMore();
    this.#drained = this.#line.line?.drain().catch(() => undefined) ?? Promise.resolve();
    await this.#within(patienceMs, Promise.all([this.#drained, ...this.#working]));
    this.#isOver = true;
    await this.#within(GOODBYE_MS, this.#line.stop());
  }

  async #within(patienceMs: number, what: Promise<unknown>): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.#options.machine.after(patienceMs, () => late.resolve());
    await Promise.race([late.promise, what.catch(() => undefined)]);
    timer.cancel();
  }

  #take(task: TakenTask, line: NodeLine): void {
    // Given back sooner it would come again, and so often that the broker gives it up.
    if (this.#drained !== undefined) return void this.#drained.then(() => line.giveBack(task));
    const work = this.#work(task, line)
      .catch(this.#options.onFailure)
      .finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #work(task: TakenTask, line: NodeLine): Promise<void> {
    const { id, owner, lane } = task;
    const counts = this.#counts[lane];
    // Where the line is lost already, another node has the task.
    const isHeard = await line.answer(owner, { id, kind: 'taken', body: NOTHING }).catch(() => undefined);
    if (isHeard === undefined) return;
    if (!isHeard) {
      counts.orphaned++;
      return line.done(task);
    }
    const { machine, onStuck } = this.#options;
    const stuck = machine.after(LONGEST_MS, () => onStuck(task));
    const began = machine.elapsed();
    counts.busy++;
    const answer = await this.#answerTo(task);
    counts.busy--;
    counts.seconds += (machine.elapsed() - began) / 1000;
    stuck.cancel();
    // Its threads were ended with the process: the broker gives it to another node.
    if (this.#isOver) return;
    if (answer.kind === 'value') counts.done++;
    else counts.failed++;
    const now = this.#line.line;
    if (now === undefined) this.#unsent.push([owner, answer]);
    else if (!(await this.#tell(owner, answer, now))) return line.giveBack(task);
    line.done(task);
  }

  async #answerTo({ id, lane, name, body }: TakenTask): Promise<Answer> {
    try {
      if (travels(lane, name) === undefined) throw new Error(`there is no task ${name} of the lane ${lane}`);
      const value = await this.#options.pools[lane].run(name, (await unpack(body)) as never);
      return { id, kind: 'value', body: await pack(value) };
    } catch (error) {
      if (error instanceof TooLarge) return { id, kind: 'tooLarge', body: NOTHING };
      return {
        id,
        kind: 'error',
        body: await pack({ message: error instanceof Error ? error.message : String(error) }),
      };
    }
  }

  /** Where the line is lost under it, it goes by the next one: false. */
  async #tell(owner: string, answer: Answer, line: NodeLine): Promise<boolean> {
    try {
      await line.answer(owner, answer);
      return true;
    } catch {
      this.#unsent.push([owner, answer]);
      return false;
    }
  }
}
