import { setTimeout as sleep } from 'node:timers/promises';
import type { JournalEntry } from '../../edge/journal/record.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { until } from '../../shared/testing/until.ts';
import { compare, entriesOf, ledgerOf, statesIn, storedCount } from './audit.ts';
import { Commands } from './commands.ts';
import { drawFaults, faultWords, type Fault } from './faults.ts';
import { makeRig, type ChaosRig } from './rig.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

export interface ChaosReport {
  readonly seed: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly frames: number;
  readonly points: number;
  readonly commands: number;
  /** Violations found; empty if there are none. */
  readonly violations: readonly string[];
  /** Folder with data and logs, kept after violations. */
  readonly kept: string | null;
}

/** How long the store stays down before the gateways' backlog is checked, ms. */
const OUTAGE_MS = 5000;
/** Pending storage is reported once the account has been stable this long, ms. */
const IN_FLIGHT_MS = 1500;
/** How long to wait for a starting cloud before the next fault, s. */
const CLOUD_UP_S = 60;
/** Every this many rounds a command is sent right before the fault, so that it is in transit. */
const COMMAND_EACH = 4;

/**
 * Real processes (two gateways, the cloud, InfluxDB) through rounds of kills, freezes, full disks and cut lines in an order drawn from a
 * seed; then journals, ledger and store are compared. The machine decides which instruction a kill hits: a seed reproduces the order, not
 * the run.
 */
export async function runChaos({ seed, rounds, say }: ChaosOptions): Promise<ChaosReport> {
  const began = machineMonotonicMs();
  const rig = await makeRig(seed);
  const run = new ChaosRun(rig, say);
  // An interrupted run leaves no process and no mount behind.
  const interrupted = (): void => void rig.stop({ keep: false }).finally(() => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
  let violations: string[] = ['the run did not finish'];
  try {
    rig.start();
    say(`seed ${seed}, ${rounds} rounds; disk of ${rig.gateways[rig.onSmallDisk]!.id}: ${rig.disks.gateway.how}`);
    await run.calm('the start');
    await run.storeDown();
    for (const [at, fault] of drawFaults(rounds, rig.gateways.length, new SeededRandom(seed, 'chaos')).entries())
      await run.round(at + 1, fault);
    violations = await run.judge();
  } catch (error) {
    violations = [messageOf(error)];
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupted);
    await rig.stop({ keep: violations.length > 0 });
  }
  const seconds = Math.round((machineMonotonicMs() - began) / 1000);
  const kept = violations.length > 0 ? rig.folder : null;
  return { seed, rounds, seconds, ...run.counts, violations, kept };
}

class ChaosRun {
  readonly #rig: ChaosRig;
  readonly #say: (line: string) => void;
  readonly #commands: Commands;
  readonly #found: string[] = [];
  counts = { frames: 0, points: 0, commands: 0 };

  constructor(rig: ChaosRig, say: (line: string) => void) {
    this.#rig = rig;
    this.#say = say;
    this.#commands = new Commands(rig);
  }

  /** Waits until every gateway is linked and has little left to send. */
  async calm(after: string): Promise<void> {
    for (const { id } of this.#rig.gateways)
      await until(
        `after ${after}, ${id} is connected and has drained its backlog`,
        async () => {
          const { link, backlogFrames } = await this.#rig.atSite(id);
          if (link !== 'up' || backlogFrames > 200) throw new Error(`link ${link}, ${backlogFrames} frames waiting`);
          return true;
        },
        { withinS: 180 },
      );
  }

  /**
   * Takes the store down while the gateways work: nothing more is acknowledged and they keep their frames; once it is back, the backlog
   * drains.
   */
  async storeDown(): Promise<void> {
    const { store, gateways } = this.#rig;
    store.kill({ down: true });
    const all = (): number => gateways.reduce((sum, { id }) => sum + this.#stored(id), 0);
    await until('commands in flight have their outcome', async () => {
      const before = all();
      await sleep(IN_FLIGHT_MS);
      return all() === before;
    });
    const stored = gateways.map(({ id }) => this.#stored(id));
    const before = await Promise.all(gateways.map(({ id }) => this.#rig.atSite(id)));
    await sleep(OUTAGE_MS);
    for (const [at, { id }] of gateways.entries()) {
      const { link } = await until(
        `${id} keeps its frames while the store is down`,
        async () => {
          const now = await this.#rig.atSite(id);
          return now.backlogFrames > before[at]!.backlogFrames && now;
        },
        { withinS: 60 },
      );
      if (this.#stored(id) !== stored[at]) this.#found.push(`${id}: acknowledged while the store was down`);
      if (link !== 'up') this.#found.push(`${id}: lost its link because the store was down`);
    }
    store.start();
    await this.calm('the outage of the store');
    this.#say('store down and back: gateways kept their frames and drained them');
  }

  async round(number: number, fault: Fault): Promise<void> {
    const { id } = this.#rig.gateways[fault.gateway]!;
    const where = fault.kind.endsWith('gateway') ? ` (${id})` : '';
    this.#say(`round ${number}: ${faultWords[fault.kind]}${where}, ${fault.holdMs} ms`);
    if (fault.kind.includes('cloud')) await this.#cloudAnswers();
    if (number % COMMAND_EACH === 0)
      await this.#commands.give(this.#rig.gateways[(number / COMMAND_EACH) % this.#rig.gateways.length]!.id);
    const end = this.#begin(fault);
    await sleep(fault.holdMs);
    end();
    await sleep(fault.restMs);
  }

  /** Waits a limited time for the cloud: a fault during its start proves nothing, and a start on a full disk fails. */
  async #cloudAnswers(): Promise<void> {
    const ask = (): Promise<unknown> => this.#rig.api('/v1/overrides');
    await until('the cloud answers', ask, { withinS: CLOUD_UP_S, mostMs: 200 }).catch(() => undefined);
  }

  /** Begins a fault; returns the function that ends it. */
  #begin({ kind, gateway }: Fault): () => void {
    const { cloud, store, daemons, line, disks, onSmallDisk } = this.#rig;
    const nothing = (): void => undefined;
    switch (kind) {
      case 'kill-gateway':
        daemons[gateway]!.kill();
        return nothing;
      case 'kill-cloud':
        cloud.kill();
        return nothing;
      case 'kill-store':
        store.kill();
        return nothing;
      case 'store-down':
        store.kill({ down: true });
        return () => store.start();
      case 'freeze-gateway':
        return frozen(daemons[gateway]!);
      case 'freeze-cloud':
        return frozen(cloud);
      case 'freeze-store':
        return frozen(store);
      case 'full-gateway-disk':
        disks.gateway.fill(daemons[onSmallDisk]!.pid);
        return () => disks.gateway.free(daemons[onSmallDisk]!.pid);
      case 'full-cloud-disk':
        disks.cloud.fill(cloud.pid);
        return () => disks.cloud.free(cloud.pid);
      case 'cut':
        line.cut();
        return () => line.mend();
      case 'stall':
        line.stall();
        return () => line.mend();
    }
  }

  /**
   * With everything up and drained: checks that the journals' entries are accounted for and stored, and that each command has an outcome.
   */
  async judge(): Promise<string[]> {
    const { gateways, daemons, cloud, store } = this.#rig;
    // A gateway's next connection attempt may be two minutes away; a new process tries at once.
    for (const daemon of daemons) daemon.kill();
    await this.calm('the last round');
    const ends = await until(
      'every command has its outcome',
      async () => {
        const open = (await this.#commands.all()).filter(({ state }) => !CLOSED.includes(state));
        if (open.length > 0) throw new Error(open.map(({ id, state }) => `${id} ${state}`).join(', '));
        return true;
      },
      { withinS: 60 },
    ).catch((error: unknown) => String(error));
    if (ends !== true) this.#found.push(ends);
    const journals = new Map<string, JournalEntry[]>();
    for (const { id, journal } of gateways) journals.set(id, await entriesOf(journal));
    for (const { id } of gateways) await this.#telemetry(id, journals.get(id)!);
    // The cloud requests again what it lost in a kill or on a full disk.
    let wrong: string[] = [];
    const holds = async (): Promise<boolean> => (wrong = await this.#commands.violations(journals)).length === 0;
    await until('each command has one outcome', holds, { withinS: 60 }).catch((error: unknown) =>
      this.#found.push(...(wrong.length > 0 ? wrong : [String(error)])),
    );
    const { given, refused, acted } = this.#commands;
    this.counts = { ...this.counts, commands: given.length };
    this.#say(`${given.length} commands accepted, ${acted} reached their device`);
    for (const [why, count] of refused) this.#say(`${count} commands not accepted: ${why}`);
    for (const { name, deaths } of [cloud, store, ...daemons])
      if (deaths.length > 0) this.#found.push(`${name} exited by itself: ${deaths.join(', ')}`);
    return this.#found;
  }

  async #telemetry(id: string, entries: readonly JournalEntry[]): Promise<void> {
    await until(
      `${id}: the ledger accounts for the whole journal`,
      () => {
        const states = statesIn(ledgerOf(this.#rig.cloudData, id));
        const left = entries.filter((entry) => states(entry) === undefined).length;
        if (left > 0) throw new Error(`${left} of ${entries.length} are unaccounted for`);
        return true;
      },
      { withinS: 120, mostMs: 500 },
    );
    const spans = ledgerOf(this.#rig.cloudData, id);
    const states = statesIn(spans);
    const other = Map.groupBy(entries, (entry) => states(entry) ?? 'open');
    for (const [state, those] of other)
      if (state !== 'stored') this.#found.push(`${id}: ${those.length} entries of the journal are ${state}`);
    const lost = spans.filter(({ state }) => state !== 'stored' && state !== 'dropped');
    for (const { stream, first, last, state } of lost)
      this.#found.push(`${id}: ${stream} ${first} to ${last} are ${state}`);
    const account = await compare(this.#rig, id, entries);
    this.counts.frames += account.frames;
    this.counts.points += account.points;
    this.#say(
      `${id}: ${account.frames} frames of ${new Set(entries.map(({ run }) => run)).size} runs in the journal, ${account.points} points in the store; missing ${account.missing}, duplicated ${account.doubled}, unknown ${account.strange}`,
    );
    for (const what of ['missing', 'doubled', 'strange'] as const)
      if (account[what] > 0) this.#found.push(`${id}: ${account[what]} points are ${what}`);
  }

  #stored(gateway: string): number {
    return storedCount(ledgerOf(this.#rig.cloudData, gateway));
  }
}

const CLOSED = ['refused', 'superseded', 'completed', 'unanswered'];

function frozen(part: { signal(name: 'SIGSTOP' | 'SIGCONT'): void }): () => void {
  part.signal('SIGSTOP');
  return () => part.signal('SIGCONT');
}
