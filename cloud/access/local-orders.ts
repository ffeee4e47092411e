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
    try {
      for (const name of readdirSync(this.#folder)) {
        const id = ORDER.exec(name)?.[1];
        if (id !== undefined) await this.#carryOut(id);
      }
    } catch (error) {
      this.#options.onFailure(error);
    }
  }

  async #carryOut(id: string): Promise<void> {
    const file = join(this.#folder, `${id}.order`);
    const { act, until } = JSON.parse(readFileSync(file, 'utf8')) as Order;
    rmSync(file);
    if (until < this.#options.time.now()) return;
    writePrivate(join(this.#folder, `${id}.answer`), JSON.stringify(await this.#answer(act)));
  }

  async #answer(act: LocalAct): Promise<Outcome<string>> {
    try {
      return good(await this.#options.act(act));
    } catch (error) {
      if (error instanceof LoadstoneError) return bad(error.code, error.message);
      throw error;
    }
  }
}

/** Lets the cloud that runs on a data folder execute an act. Throws the cloud's refusal, or LS-API-009 if it does not answer. */
export async function orderLocally(data: string, act: LocalAct, now: () => number): Promise<string> {
  const id = randomBytes(12).toString('hex');
  const folder = join(data, FOLDER);
  const until = now() + PATIENCE_MS;
  writePrivate(join(folder, `${id}.order`), JSON.stringify({ act, until } satisfies Order));
  try {
    while (now() < until) {
      if (readdirSync(folder).includes(`${id}.answer`))
        return unwrap(JSON.parse(readFileSync(join(folder, `${id}.answer`), 'utf8')) as Outcome<string>);
      await sleep(100);
    }
  } finally {
    for (const end of ['order', 'answer']) rmSync(join(folder, `${id}.${end}`), { force: true });
  }
  throw new LoadstoneError('LS-API-009', `the cloud that runs on ${data} does not answer; is it of this version?`);
}
