import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { MqttLink } from '../../../../edge/uplink/mqtt-link.ts';
import { SeededRandom } from '../../../../shared/ports/random.ts';
import { gateway, linkSuite } from '../../../../shared/ports/testing/link-suite.ts';
import { SystemClock } from '../../../../shared/time/system-clock.ts';
import type { startRabbit, RunningRabbit } from '../../../../simulators/testing/rabbitmq.ts';
import { authorityInFolder, type TestAuthority } from '../../../pki/testing/authority-in-folder.ts';
import { taskSuite } from '../../../task-queue/testing/task-suite.ts';
import { doorSuite } from '../../testing/door-suite.ts';
import { Management } from '../management.ts';
import { RabbitLink } from '../rabbit-link.ts';
import { Registrar } from '../registrar.ts';

const onFailure = (error: unknown): void => {
  throw error;
};

/** A real RabbitMQ for the tests of a file, with an authority whose gateways it admits. */
export class RabbitRig {
  readonly clock = new SystemClock(onFailure);
  readonly random = new SeededRandom(1);
  readonly #dir = mkdtempSync(join(tmpdir(), 'loadstone-rabbit-'));
  #started: {
    readonly authority: TestAuthority;
    readonly rabbit: RunningRabbit;
    readonly registrar: Registrar;
  } | null = null;

  constructor(begin: typeof startRabbit) {
    const cleanups: (() => void)[] = [];
    before(async () => {
      const { machine } = this.clock;
      const authority = await authorityInFolder(
        { after: (clean) => void cleanups.push(clean as () => void) },
        machine.now(),
      );
      const tls = { server: authority.server, roots: authority.issuing.roots() };
      const rabbit = await begin({ dir: this.#dir, tls, isPlain: true });
      const registrar = new Registrar({ address: rabbit.address, group: 'north', machine, onFault: onFailure });
      this.#started = { authority, rabbit, registrar };
      await registrar.admit([gateway, 'wls-01']);
    });
    after(async () => {
      this.#started?.registrar.stop();
      await this.#started?.rabbit.stop();
      rmSync(this.#dir, { recursive: true });
      for (const clean of cleanups) clean();
    });
  }

  get rabbit(): RunningRabbit {
    return this.#started!.rabbit;
  }

  get authority(): TestAuthority {
    return this.#started!.authority;
  }

  link(): RabbitLink {
    const { clock, random } = this;
    return new RabbitLink({
      address: this.rabbit.address,
      machine: clock.machine,
      random,
      reconnectS: [0.2, 1],
      sayAgainS: 0.1,
      onFailure,
    });
  }

  /** Imports definitions, such as users and permissions. */
  define(definitions: object): Promise<unknown> {
    return new Management(this.rabbit.address).post('definitions', definitions);
  }

  /** Runs the suites of every link, every gateway port and every task queue. */
  suites(name: string): void {
    linkSuite(name, async () => ({
      cloud: this.link(),
      other: new MqttLink({
        url: `mqtts://127.0.0.1:${this.rabbit.gatewayPort}`,
        identity: await this.authority.identity(gateway),
        keepAliveS: 30,
        clock: this.clock,
        random: this.random,
        onFailure,
      }),
      settle: () => wait(25),
    }));
    doorSuite(name, async () => ({
      authority: this.authority,
      port: this.rabbit.gatewayPort,
      link: this.link(),
      admit: async (gateways) => {
        await this.#started!.registrar.admit(gateways);
        // Its permissions stay.
        await this.define({ users: [{ name: 'owd-01', password: 'secret', tags: 'loadstone-gateway' }] });
      },
      revoke: (id) => this.#started!.registrar.dismiss([id]),
      plain: () =>
        connectAsync(`mqtt://127.0.0.1:${this.rabbit.plainPort}`, {
          clientId: 'owd-01',
          username: 'owd-01',
          password: 'secret',
          reconnectPeriod: 0,
        }),
    }));
    taskSuite(
      () => this.rabbit.address,
      async (user, of) => {
        await this.define({
          users: [{ name: user, password: 'secret', tags: '' }],
          permissions: [{ user, vhost: '/', ...of }],
        });
        return { ...this.rabbit.address, user, password: 'secret' };
      },
    );
  }
}
