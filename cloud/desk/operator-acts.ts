import type { Act, ActAnswer, GivenUpView, SelectionView } from '../../shared/contracts/desk.ts';
import type { AlarmView } from '../../shared/contracts/alarm.ts';
import type { CommandView } from '../../shared/contracts/command.ts';
import { isCritical } from '../../shared/contracts/critical-act.ts';
import type { AlarmService } from '../alarms/alarm-service.ts';
import type { Areas } from './areas.ts';
import type { Desk } from './desk.ts';
import type { Wish } from './selections.ts';

export interface OperatorActsOptions {
  readonly desk: Desk;
  readonly areas: Pick<Areas, 'assertOpen' | 'assertPart' | 'assertNotElsewhere'>;
  readonly alarms: Pick<AlarmService, 'get' | 'acknowledge' | 'shelve' | 'unshelve' | 'takeOut' | 'bringBack'>;
}

/** Who acts: the person, and the name that is written down (a token acts in its owner's name). */
export interface Actor {
  readonly user: string;
  readonly name: string;
}

/**
 * What operators do, where the areas of responsibility allow it: the area is looked at in the same turn as the act begins, so nobody
 * takes it over in between. Each throws LS-DESK-006 where somebody else holds the area.
 */
export class OperatorActs {
  readonly #options: OperatorActsOptions;

  constructor(options: OperatorActsOptions) {
    this.#options = options;
  }

  async select(user: string, wish: Wish): Promise<SelectionView> {
    this.#assertOpen(user, deviceOf(wish));
    return this.#options.desk.select(user, wish);
  }

  async operate(user: string, token: string, wish: Wish): Promise<CommandView> {
    this.#assertOpen(user, deviceOf(wish));
    return this.#options.desk.operate(user, token, wish);
  }

  /** Who has lost the area meanwhile still gives back what they hold in it. */
  async cancel(user: string, token: string, place: Pick<Wish, 'gateway' | 'device'>): Promise<GivenUpView> {
    return this.#options.desk.cancel(user, token, place);
  }

  async release(user: string, id: string, reason: string): Promise<CommandView> {
    const { desk } = this.#options;
    const { target } = await desk.command(id);
    this.#assertOpen(user, target);
    return desk.release(user, id, reason);
  }

  /** A stop is everybody's who may act there; what waits for a second person is asked for by who holds a part of it. */
  async ask(user: string, act: Act, reason: string): Promise<ActAnswer> {
    const { areas, desk } = this.#options;
    if (isCritical(act)) areas.assertPart(user, act.target);
    else if (act.kind !== 'stop') this.#assertOpen(user, act.target);
    return desk.acts.ask(user, act, reason);
  }

  async decide(user: string, id: string, decision: { approve: boolean; why: string }): Promise<ActAnswer> {
    const { areas, desk } = this.#options;
    const { act, user: requester } = await desk.acts.approval(id);
    if (decision.approve) areas.assertOpen([requester, user], act.target);
    return desk.acts.decide(user, id, decision);
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

  #assertOpen(user: string, target: string): void {
    this.#options.areas.assertOpen([user], target);
  }

  #assertOwn({ user }: Actor, id: number): void {
    const { alarms, areas } = this.#options;
    areas.assertNotElsewhere(user, alarms.get(id).target);
  }
}

const deviceOf = ({ gateway, device }: Pick<Wish, 'gateway' | 'device'>): string => `device:${gateway}/${device}`;
