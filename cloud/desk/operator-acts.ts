import type { Act, ActAnswer, GivenUpView, SelectionView } from '../../shared/contracts/desk.ts';
import type { AlarmView } from '../../shared/contracts/alarm.ts';
import type { CommandView } from '../../shared/contracts/command.ts';
import { isCritical } from '../../shared/contracts/critical-act.ts';
import { notTheirs } from '../access/warrant.ts';
import type { AlarmService } from '../alarms/alarm-service.ts';
import type { Areas } from './areas.ts';
import type { Desk } from './desk.ts';
import type { Wish } from './selections.ts';

export interface OperatorActsOptions {
  readonly desk: Desk;
  readonly areas: Pick<Areas, 'assertOpen' | 'assertPart' | 'assertNotElsewhere'>;
  readonly alarms: Pick<AlarmService, 'get' | 'acknowledge' | 'shelve' | 'unshelve' | 'takeOut' | 'bringBack'>;
  /** Whether a person, or one of their tokens, may act on a target by current rights. */
  readonly mayAct: (name: string, target: string) => boolean;
}

/** The actor: the person, and the name to record (a token acts in its owner's name). */
export interface Actor {
  readonly user: string;
  readonly name: string;
  /** Id of the request; its audit entry is written with the same id. */
  readonly request?: string | undefined;
}

/**
 * Acts of operators, subject to their rights and the areas of responsibility. Both are checked in the turn in which the act begins, so
 * neither can be lost in between. Each throws LS-API-003 without the right, and LS-DESK-006 if somebody else holds the area.
 */
export class OperatorActs {
  readonly #options: OperatorActsOptions;

  constructor(options: OperatorActsOptions) {
    this.#options = options;
  }

  async select(actor: Actor, wish: Wish): Promise<SelectionView> {
    this.#assertOpen(actor, deviceOf(wish));
    return this.#options.desk.select(actor.user, wish);
  }

  async operate(actor: Actor, token: string, wish: Wish): Promise<CommandView> {
    this.#assertOpen(actor, deviceOf(wish));
    return this.#options.desk.operate(actor.user, token, wish);
  }

  /** A person who has lost the area meanwhile may still release a selection in it. */
  async cancel(actor: Actor, token: string, place: Pick<Wish, 'gateway' | 'device'>): Promise<GivenUpView> {
    this.#assertMay(actor.name, deviceOf(place));
    return this.#options.desk.cancel(actor.user, token, place);
  }

  async release(actor: Actor, id: string, reason: string): Promise<CommandView> {
    const { desk } = this.#options;
    const { target } = await desk.command(id);
    this.#assertOpen(actor, target);
    return desk.release(actor.user, id, reason);
  }

  /** Anybody with the right may stop. A critical act cannot be requested if others hold the whole target. */
  async ask(actor: Actor, act: Act, reason: string): Promise<ActAnswer> {
    const { areas, desk } = this.#options;
    this.#assertMay(actor.name, act.target);
    if (isCritical(act)) areas.assertPart(actor.user, act.target);
    else if (act.kind !== 'stop') areas.assertOpen([actor.user], act.target);
    return desk.acts.ask(actor.user, act, reason);
  }

  /** An approved act runs in the requester's name, so the requester must still have the right. */
  async decide(actor: Actor, id: string, decision: { approve: boolean; why: string }): Promise<ActAnswer> {
    const { areas, desk } = this.#options;
    const { act, user: requester } = await desk.acts.approval(id);
    this.#assertMay(actor.name, act.target);
    if (decision.approve) {
      this.#assertMay(requester, act.target);
      areas.assertOpen([requester, actor.user], act.target);
    }
    return desk.acts.decide(actor.user, id, decision);
  }

  /** All or none: checks every alarm before acknowledging the first. */
  async acknowledge(actor: Actor, ids: readonly number[]): Promise<AlarmView[]> {
    for (const id of ids) this.#assertOwn(actor, id);
    return Promise.all(ids.map((id) => this.#options.alarms.acknowledge(id, actor.name)));
  }

  async shelve(actor: Actor, id: number, { reason, minutes }: { reason: string; minutes: number }): Promise<AlarmView> {
    this.#assertOwn(actor, id);
    return this.#options.alarms.shelve(id, { by: actor.name, reason, minutes });
  }

  async unshelve(actor: Actor, id: number): Promise<AlarmView> {
    this.#assertOwn(actor, id);
    return this.#options.alarms.unshelve(id);
  }

  async takeOut(actor: Actor, id: number, reason: string): Promise<AlarmView> {
    this.#assertOwn(actor, id);
    return this.#options.alarms.takeOut(id, actor.name, reason);
  }

  async bringBack(actor: Actor, id: number): Promise<AlarmView> {
    this.#assertOwn(actor, id);
    return this.#options.alarms.bringBack(id);
  }

  #assertMay(name: string, target: string): void {
    if (!this.#options.mayAct(name, target)) throw notTheirs(name, target);
  }

  #assertOpen({ user, name }: Actor, target: string): void {
    this.#assertMay(name, target);
    this.#options.areas.assertOpen([user], target);
  }

  #assertOwn({ user, name }: Actor, id: number): void {
    const { alarms, areas } = this.#options;
    const { target } = alarms.get(id);
    this.#assertMay(name, target);
    areas.assertNotElsewhere(user, target);
  }
}

const deviceOf = ({ gateway, device }: Pick<Wish, 'gateway' | 'device'>): string => `device:${gateway}/${device}`;
