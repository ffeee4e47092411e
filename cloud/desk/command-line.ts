import { randomBytes } from 'node:crypto';
import type { CommandBody, DesiredDocument } from '../../shared/contracts/document.ts';
import type { CommandView } from '../../shared/contracts/command.ts';
import type { DocumentReport } from '../../shared/contracts/report.ts';
import type { LinkView } from '../../shared/contracts/view.ts';
import { LoadstoneError, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { Turns } from '../../shared/time/turns.ts';
import { acceptWindowMs } from '../plan/send/accept-window.ts';
import type { Heard } from '../gateways/gateway-book.ts';
import { commandView } from './command-view.ts';
import { StoreLine } from '../plan/send/store-line.ts';
import type { DeskStore, StoredCommand } from './desk-store.ts';
import { StandingCommands } from './standing-commands.ts';

export interface CommandLineOptions {
  readonly clock: Clock;
  readonly store: DeskStore;
  /** Signs, stores and sends a command. Returns a fault if it cannot. */
  readonly send: (gateway: string, body: CommandBody) => Promise<Outcome<DesiredDocument>>;
  /** Reports on a command so far. */
  readonly stagesOf: (id: string) => Promise<readonly DocumentReport[]>;
  readonly live: (gateway: string, device: string, metric: string) => { readonly value: number } | undefined;
  readonly link: (gateway: string) => LinkView;
  readonly health: (gateway: string) => Heard | undefined;
  /** A command is new, or has a new report. */
  readonly onCommand: (view: CommandView) => void;
}

export interface Given {
  readonly target: string;
  readonly gateway: string;
  readonly approver?: string | undefined;
  readonly body: Omit<CommandBody, 'id'>;
  /** An automatic resend, not given by a person now. */
  readonly isAgain?: boolean;
}

/**
 * A health report older than three intervals, in both plant and machine time, no longer proves that a device is reachable. Plant time alone
 * is not enough, because its speed may have changed since.
 */
const HEALTH_MS = { plant: 20_000, machine: 5_000, missed: 3 } as const;

/** The path of every command from the desk to a gateway and back: stored first, then sent, then published. */
export class CommandLine {
  readonly #options: CommandLineOptions;
  readonly standing = new StandingCommands();
  /** Stops that were sent while the store refused them, oldest first. */
  readonly #unstored: StoredCommand[] = [];
  /** The first attempt to store each of them, which may end late. */
  readonly #keeping = new WeakMap<StoredCommand, Promise<unknown>>();
  readonly #turns = new Turns();
  readonly #line: StoreLine;

  constructor(options: CommandLineOptions) {
    this.#options = options;
    this.#line = new StoreLine(options.clock.machine);
  }

  /** Loads the standing commands from the store. */
  async start(): Promise<void> {
    const { store, stagesOf } = this.#options;
    for (const each of await store.standing(this.now())) {
      this.standing.given(each);
      this.standing.recordStages(each.body.id, await stagesOf(each.body.id));
    }
  }

  /**
   * Throws if the command could not be signed or sent, and LS-API-005 if a newer stop or resume, which wins, was sent while this one was
   * being stored. Only a stop that a person gives now is sent even then.
   */
  async give({ target, gateway, approver, body: given, isAgain }: Given): Promise<CommandView> {
    const { send, live, clock, stagesOf, onCommand } = this.#options;
    const body: CommandBody = { id: `cmd-${randomBytes(9).toString('hex')}`, ...given };
    const issuedAt = this.now();
    const command = await this.#keep({
      target,
      gateway,
      body,
      approver: approver ?? null,
      issuedAt,
      acceptUntil: Math.min(body.expiresAt, issuedAt + acceptWindowMs(clock.speed())),
      measuredKw: body.device === undefined ? null : (live(gateway, body.device, 'activePowerKw')?.value ?? null),
    });
    const newer = this.standing.given(command);
    if (newer !== undefined && (isAgain === true || body.kind === 'resume')) {
      await this.#end(body.id, this.now());
      throw new LoadstoneError('LS-API-005', `a newer ${newer.body.kind} of ${target} was sent meanwhile`);
    }
    const sent = await send(gateway, body);
    if (!sent.ok) {
      const at = this.#unstored.indexOf(command);
      if (at >= 0) {
        this.#unstored.splice(at, 1);
        void this.#keeping
          .get(command)
          ?.then(() => this.#end(body.id, this.now()))
          .catch(() => undefined);
      } else await this.#end(body.id, this.now());
      throw LoadstoneError.from(sent.fault);
    }
    // It was sent, so it must not fail here.
    const stages = await (body.kind === 'stop'
      ? this.stopStages(body.id)
      : stagesOf(body.id).catch(() => this.standing.stagesOf(body.id)));
    const view = commandView(command, stages, this.now());
    onCommand(view);
    return view;
  }

  /** Handles a gateway's report on a command. The dispatcher has stored the report already. */
  async onReport({ id, stage, time }: DocumentReport): Promise<void> {
    const { store, stagesOf, onCommand } = this.#options;
    // A command that is not stored yet cannot be marked as ended.
    if (this.#unstored.length > 0) await this.settle().catch(() => undefined);
    const isOver = stage === 'rejected' || stage === 'completed' || stage === 'superseded' || stage === 'expired';
    if (isOver) await this.#end(id, time);
    const known = (await store.command(id)) ?? this.#unstored.find(({ body }) => body.id === id);
    if (known === undefined) return;
    const stages = await stagesOf(id);
    this.standing.recordStages(id, stages);
    onCommand(commandView(known, stages, this.now()));
  }

  /** Number of stops that were sent but are not stored yet. */
  get waiting(): number {
    return this.#unstored.length;
  }

  /** Stores the pending stops, which a restart would lose. Throws if the store refuses them. */
  settle(): Promise<void> {
    return this.#turns.take(() => this.#keepStops());
  }

  /**
   * A command that cannot be stored is not given, except a stop: it waits to be stored ahead of later commands. So does one that the store
   * is slow to take; a late write of it is the same row.
   */
  async #keep(command: Omit<StoredCommand, 'number' | 'endedAt'>): Promise<StoredCommand> {
    const keep = async (): Promise<StoredCommand> => {
      if (this.#unstored.length > 0) await this.settle();
      return this.#options.store.keep(command);
    };
    if (command.body.kind !== 'stop') return keep();
    const keeping = keep();
    try {
      return await this.#inTime(() => keeping);
    } catch {
      const stop = { ...command, number: this.standing.behindAll(command), endedAt: null };
      this.#unstored.push(stop);
      this.#keeping.set(stop, keeping);
      return stop;
    }
  }

  /** A stop that could not be sent may leave the list while being stored; it has then ended. */
  async #keepStops(): Promise<void> {
    for (let stop = this.#unstored[0]; stop !== undefined; stop = this.#unstored[0]) {
      const { number: _number, endedAt: _endedAt, ...command } = stop;
      const stored = await this.#options.store.keep(command);
      if (this.#unstored[0] === stop) {
        this.standing.given(stored);
        this.#unstored.shift();
      } else await this.#end(command.body.id, this.now());
    }
  }

  async #end(id: string, at: number): Promise<void> {
    this.standing.ended(id);
    await this.#options.store.end(id, at);
  }

  /** Reports on a stop; those in memory if the store is slow or unavailable. */
  stopStages(id: string): Promise<readonly DocumentReport[]> {
    return this.#inTime(() => this.#options.stagesOf(id)).catch(() => this.standing.stagesOf(id));
  }

  #inTime<T>(ask: () => Promise<T>): Promise<T> {
    return this.#line.budget().wait(ask);
  }

  async view(command: StoredCommand): Promise<CommandView> {
    return commandView(command, await this.#options.stagesOf(command.body.id), this.now());
  }

  /** Standing overrides, newest first. */
  overrides(): CommandView[] {
    const now = this.now();
    return this.standing.overrides(now).map((each) => commandView(each, this.standing.stagesOf(each.body.id), now));
  }

  /** Throws LS-DESK-003 if nothing should be sent to a gateway over its link now. */
  assertLink(gateway: string): void {
    const { link, health, clock } = this.#options;
    const { state } = link(gateway);
    if (state === 'never')
      throw new LoadstoneError('LS-DESK-003', `${gateway} has not connected since this cloud started`);
    if (state !== 'up') throw new LoadstoneError('LS-DESK-003', `the link to ${gateway} is ${state}`);
    const heard = health(gateway);
    const { plant, machine, missed } = HEALTH_MS;
    if (
      heard === undefined ||
      (this.now() - heard.receivedAt > missed * plant && clock.machine.elapsed() - heard.heardMs > missed * machine)
    )
      throw new LoadstoneError('LS-DESK-003', `${gateway} has not reported its state for too long`);
  }

  /** Plant time in whole ms. */
  now(): number {
    return Math.round(this.#options.clock.plant.now());
  }

  /** Until when a one-time command may be accepted. */
  soon(): number {
    return this.now() + acceptWindowMs(this.#options.clock.speed());
  }
}
