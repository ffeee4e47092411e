import type { AddressInfo } from 'node:net';
import type { Role } from '../../access/roles.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import type { ApiDeps } from '../../api/deps.ts';
import { buildApi } from '../../api/app.ts';
import { fixtureDeps, memoryAudit, openedAreas, openedPeople } from '../../api/testing/api-fixture.ts';
import { testRegion } from '../../dispatch/testing/fixture.ts';
import { ActingWorld } from '../../desk/testing/acting-world.ts';

export const PASSWORD = 'a-password-for-tests';

/** The cloud's own server with a desk whose gateways answer, for the page's tests of acting. */
export class ActingServer {
  readonly #clock = new SystemClock((error) => {
    throw error;
  });
  readonly region = testRegion('owd', 'whf');
  readonly world = new ActingWorld(this.region, this.#clock);
  readonly people = openedPeople(() => this.#clock.machine.now());
  readonly audit = memoryAudit();
  readonly areas = openedAreas(this.region, this.people);
  #stop: () => Promise<void> = async () => undefined;

  async start(root: string, users: Readonly<Record<string, readonly Role[]>>): Promise<string> {
    for (const [name, roles] of Object.entries(users))
      await this.people.ensureUser({ name, roles, areas: '*' }, PASSWORD);
    const deps: ApiDeps = {
      ...fixtureDeps({
        dashboardRoot: root,
        region: this.region,
        areas: this.areas,
        people: this.people,
        audit: this.audit,
      }),
      ...this.world.deps(this.region, this.#clock),
    };
    const { app, stream } = await buildApi(deps);
    stream.start();
    await app.listen({ host: '127.0.0.1', port: 0 });
    this.#stop = async () => {
      stream.stop();
      await app.close();
    };
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}
