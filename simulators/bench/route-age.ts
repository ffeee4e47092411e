import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cloudFiles, start, type Scope } from '../cli/testing/started.ts';
import { buildRegion } from '../region/region.ts';
import { openLoop } from './open-loop.ts';

const ROUTE = '/v1/gateways';
const REQUESTS_PER_SECOND = 20;
const WARM_S = 2;
const SECONDS = 10;

/** A data folder for the region's cloud: the caller fills it, then a real cloud opens it. */
export class AgedCloud {
  readonly data: string;
  readonly #config: string;

  constructor(folder: string) {
    mkdirSync(folder);
    const { config, data } = cloudFiles(folder, buildRegion());
    writeFileSync(config, readFileSync(config, 'utf8').replace('api: { port: 0 }', 'api: { port: 0, guests: true }'));
    this.data = data;
    this.#config = config;
  }

  /** Median time of GET /v1/gateways from a cloud in its own process, ms, measured at the client. */
  async gatewaysP50Ms(): Promise<number> {
    const ends: (() => unknown)[] = [];
    const scope: Scope = { after: (work) => void ends.push(work) };
    try {
      const cloud = start(scope, 'cloud', '--config', this.#config);
      const says = /Loadstone cloud: (http\S+)/;
      await cloud.says(says);
      const urls = [`${says.exec(cloud.said())![1]!}${ROUTE}`];
      const asked = { urls, headers: {}, requestsPerSecond: REQUESTS_PER_SECOND };
      await openLoop({ ...asked, seconds: WARM_S });
      const { p50Ms, failed } = await openLoop({ ...asked, seconds: SECONDS });
      if (failed > 0) throw new Error(`${failed} requests of ${ROUTE} failed`);
      return p50Ms;
    } finally {
      for (const end of ends) end();
    }
  }
}
