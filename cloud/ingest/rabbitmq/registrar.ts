import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { TimeBase, Timer } from '../../../shared/time/clock.ts';
import type { BrokerAddress } from './address.ts';
import { Management } from './management.ts';
import { permissionsOf } from './permissions.ts';
import { keysOfGateway, queueArguments, queueOf, UP_EXCHANGE, upQueues } from './topology.ts';

export interface RegistrarOptions {
  readonly address: BrokerAddress;
  /** Sparkplug group: the region. */
  readonly group: string;
  readonly machine: TimeBase;
  /**
   * Called with LS-BROKER-001 for each attempt that the management did not answer, with LS-BROKER-002 for a gateway that cannot be
   * admitted.
   */
  readonly onFault: (error: unknown) => void;
  /** Called when everything wanted is done. */
  readonly onDone?: () => void;
}

/** Marks the users that are gateways, which the registrar may create and delete. */
const TAG = 'loadstone-gateway';
/** Retry interval; a revocation must take effect within 10 s. */
const AGAIN_MS = 2000;
/** Maximum number of messages queued for a gateway that reads too slowly; dropped ones are sent again later. */
const MAX_SUBSCRIPTION_MESSAGES = 2000;

/** Gateways per request. */
const AT_ONCE = 100;

interface TopicPermissions {
  readonly user: string;
  readonly write: string;
  readonly read: string;
}

interface User {
  readonly name: string;
  readonly tags: readonly string[] | string;
}

/**
 * Keeps RabbitMQ's users in step with the gateways that may connect. A gateway's user has no password: it authenticates by certificate
 * only. A request that the management API does not accept is retried until it does.
 */
export class Registrar {
  readonly #options: RegistrarOptions;
  readonly #management: Management;
  readonly #wanted = new Map<string, 'admitted' | 'dismissed'>();
  /** Gateways whose users are deleted but whose connections may still be open. */
  readonly #ending = new Set<string>();
  #running: Promise<void> | undefined;
  #timer: Timer | undefined;

  constructor(options: RegistrarOptions) {
    this.#options = options;
    this.#management = new Management(options.address);
  }

  /** Lets these gateways connect, with the rights to their topics. Resolves once the broker has them, or did not answer. */
  admit(gateways: readonly string[]): Promise<void> {
    return this.#want(gateways, 'admitted');
  }

  /** Removes these gateways' users and closes their connections. */
  dismiss(gateways: readonly string[]): Promise<void> {
    return this.#want(gateways, 'dismissed');
  }

  stop(): void {
    this.#timer?.cancel();
    this.#wanted.clear();
  }

  #want(gateways: readonly string[], what: 'admitted' | 'dismissed'): Promise<void> {
    for (const gateway of gateways) this.#wanted.set(gateway, what);
    return this.#turn();
  }

  /** Runs one request at a time, in order. */
  async #turn(): Promise<void> {
    await this.#running;
    if (this.#wanted.size === 0) return;
    this.#timer?.cancel();
    this.#running ??= this.#work().finally(() => (this.#running = undefined));
    await this.#running;
  }

  async #work(): Promise<void> {
    const wanted = new Map(this.#wanted);
    const of = (what: string): string[] => [...wanted].filter((each) => each[1] === what).map(([gateway]) => gateway);
    try {
      const users = await this.#management.get<User[]>('users');
      const ours = new Set(users.filter(({ tags }) => [tags].flat().includes(TAG)).map(({ name }) => name));
      for (const gateway of of('dismissed'))
        if (ours.has(gateway) || this.#ending.has(gateway)) await this.#dismiss(gateway);
      const taken = new Set(users.map(({ name }) => name)).difference(ours);
      await this.#admit(
        of('admitted').filter((gateway) => !taken.has(gateway)),
        ours,
      );
      if (of('admitted').every((each) => !taken.has(each))) this.#options.onDone?.();
      for (const gateway of of('admitted').filter((each) => taken.has(each)))
        this.#options.onFault(new LoadstoneError('LS-BROKER-002', `the broker already has another user ${gateway}`));
      for (const [gateway, what] of wanted) if (this.#wanted.get(gateway) === what) this.#wanted.delete(gateway);
    } catch (error) {
      this.#options.onFault(error);
      this.#timer = this.#options.machine.after(AGAIN_MS, () => this.#turn());
    }
  }

  /** Deletes the user first, so that it cannot reconnect, then its connections. */
  async #dismiss(gateway: string): Promise<void> {
    this.#ending.add(gateway);
    await this.#management.delete(`users/${gateway}`);
    await this.#management.delete(`connections/username/${gateway}`);
    this.#ending.delete(gateway);
  }

  /** Creating a thousand users takes the broker seconds, so users that are already right are left alone. */
  async #admit(gateways: readonly string[], ours: ReadonlySet<string>): Promise<void> {
    if (gateways.length === 0) return;
    const { group, address } = this.#options;
    const { vhost } = address;
    const topics = await this.#management.get<TopicPermissions[]>('topic-permissions');
    const known = new Map(topics.map(({ user, write, read }) => [user, `${write} ${read}`]));
    const all = gateways.map((user) => ({ user, ...permissionsOf(user, group) }));
    const lacking = all.filter(
      ({ user, topics: { write, read } }) => !ours.has(user) || known.get(user) !== `${write} ${read}`,
    );
    for (let from = 0; from < lacking.length; from += AT_ONCE) {
      const some = lacking.slice(from, from + AT_ONCE);
      // Bindings first: what a gateway sends before its partition is bound would be lost.
      await this.#management.post('definitions', {
        ...topology(vhost),
        bindings: some.flatMap(({ user }) => bindingsOf(user, group, vhost)),
      });
      await this.#management.post('definitions', {
        users: some.map(({ user }) => ({ name: user, password_hash: '', tags: TAG })),
        permissions: some.map(({ user, resources }) => ({ user, vhost, ...resources })),
        topic_permissions: some.map(({ user, topics: of }) => ({ user, vhost, ...of })),
      });
    }
  }
}

const topology = (vhost: string): object => ({
  exchanges: [
    { name: UP_EXCHANGE, vhost, type: 'topic', durable: true, auto_delete: false, internal: false, arguments: {} },
  ],
  queues: upQueues.map((name) => ({ name, vhost, durable: true, auto_delete: false, arguments: queueArguments })),
  policies: [
    {
      vhost,
      name: 'loadstone-subscriptions',
      pattern: '^mqtt-subscription-',
      'apply-to': 'queues',
      priority: 0,
      definition: { 'max-length': MAX_SUBSCRIPTION_MESSAGES, overflow: 'drop-head' },
    },
  ],
});

const bindingsOf = (gateway: string, group: string, vhost: string): object[] =>
  keysOfGateway(gateway, group).map((routing_key) => ({
    source: UP_EXCHANGE,
    vhost,
    destination: queueOf(gateway),
    destination_type: 'queue',
    routing_key,
    arguments: {},
  }));
