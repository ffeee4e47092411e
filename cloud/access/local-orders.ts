import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChangeNotice } from '../../shared/files/change-notice.ts';
import { writePrivate } from '../../shared/files/private-files.ts';
import { bad, good, LoadstoneError, unwrap, type Outcome } from '../../shared/outcome/outcome.ts';
import type { TimeBase, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { LocalAct } from './local-acts.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

/** Below the data folder, which only its owner can access. */
const FOLDER = 'orders';
const EACH_MS = 500;
/** How long a command waits for the cloud; older orders are not executed. */
const PATIENCE_MS = 20_000;
const ORDER = /^([0-9a-f]{24})\.order$/;

interface Order {
  readonly act: LocalAct;
  /** Machine time, ms UTC. */
  readonly until: number;
}

export interface LocalOrdersOptions {
  readonly data: string;
  readonly time: TimeBase;
  act(act: LocalAct): Promise<string>;
  onFailure(error: unknown): void;
}

/** Executes commands' orders in the running cloud, exchanged as files in the data folder. */
export class LocalOrders {
  readonly #options: LocalOrdersOptions;
  readonly #folder: string;
  readonly #notice: ChangeNotice;
  #timer: Timer | undefined;

  constructor(options: LocalOrdersOptions) {
    this.#options = options;
    this.#folder = join(options.data, FOLDER);
    this.#notice = new ChangeNotice(this.#folder);
  }

  /** Deletes old orders, whose commands no longer wait. */
  start(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { mode: 0o700 });
    this.#timer = every(this.#options.time, EACH_MS, () => this.#turn());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#notice.stop();
  }

  async #turn(): Promise<void> {
    if (!this.#notice.take()) return;
    for (const name of this.#names()) {
      const id = ORDER.exec(name)?.[1];
      if (id !== undefined) await this.#carryOut(id).catch((error: unknown) => this.#options.onFailure(error));
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch (error) {
      this.#options.onFailure(error);
      return [];
    }
  }

  async #carryOut(id: string): Promise<void> {
    const file = join(this.#folder, `${id}.order`);
    const text = readFileSync(file, 'utf8');
    rmSync(file);
    const answer = await this.#answer(text);
    if (answer !== undefined) writePrivate(join(this.#folder, `${id}.answer`), JSON.stringify(answer));
  }

  /** Returns undefined for an order whose command no longer waits. */
  async #answer(text: string): Promise<Outcome<string> | undefined> {
    try {
      const { act, until } = JSON.parse(text) as Order;
      return until < this.#options.time.now() ? undefined : good(await this.#options.act(act));
    } catch (error) {
      if (error instanceof LoadstoneError) return bad(error.code, error.message);
      this.#options.onFailure(error);
      return bad('LS-API-010', `the cloud could not do it: ${messageOf(error)}`);
    }
  }
}

/** Lets the cloud that runs on a data folder execute an act. Throws the cloud's refusal, or LS-API-009 if it does not answer. */
export async function orderLocally(data: string, act: LocalAct, now: () => number): Promise<string> {
  const id = randomBytes(12).toString('hex');
  const folder = join(data, FOLDER);
  const until = now() + PATIENCE_MS;
  let isTaken = false;
  writePrivate(join(folder, `${id}.order`), JSON.stringify({ act, until } satisfies Order));
  try {
    while (now() < until) {
      const names = readdirSync(folder);
      isTaken = !names.includes(`${id}.order`);
      if (names.includes(`${id}.answer`))
        return unwrap(JSON.parse(readFileSync(join(folder, `${id}.answer`), 'utf8')) as Outcome<string>);
      await sleep(100);
    }
  } finally {
    for (const end of ['order', 'answer']) rmSync(join(folder, `${id}.${end}`), { force: true });
  }
  const why = isTaken
    ? 'took the order but does not answer; see its log'
    : 'does not answer; check that it runs this version';
  throw new LoadstoneError('LS-API-009', `the cloud that runs on ${data} ${why}`);
}
