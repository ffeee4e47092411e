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
  /** Whether somebody, or a token of theirs, may act on a target by the rights of now. */
  readonly mayAct: (name: string, target: string) => boolean;
}

/** Who acts: the person, and the name that is written down (a token acts in its owner's name). */
export interface Actor {
  readonly user: string;
  readonly name: string;
}

/**
 * What operators do, where their rights and the areas of responsibility allow it: both are looked at in the same turn as the act begins,
 * so nobody takes either away in between. Each throws LS-API-003 for who may not act there, and LS-DESK-006 where somebody else holds
 * the area.
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

  /** Who has lost the area meanwhile still gives back what they hold in it. */
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

  /** Anybody with the right may stop. A request for a second person needs the holder of a part of it. */
  async ask(actor: Actor, act: Act, reason: string): Promise<ActAnswer> {
    const { areas, desk } = this.#options;
    this.#assertMay(actor.name, act.target);
    if (isCritical(act)) areas.assertPart(actor.user, act.target);
    else if (act.kind !== 'stop') areas.assertOpen([actor.user], act.target);
    return desk.acts.ask(actor.user, act, reason);
  }

  /** What is approved is done in the name of who has asked for it, who must still be one that may. */
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

  /** All of them, or none: what may not be acknowledged is found before the first one is. */
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
