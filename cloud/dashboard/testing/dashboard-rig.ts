import { mkdirSync } from 'node:fs';
import { after, before } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { ensureBuilt } from '../build.ts';
import { launch, pictures, watchedPage, type WatchedPage } from './browser-kit.ts';
import { FixtureServer } from './fixture-server.ts';

/** The built page, the fixture cloud that serves it, and a browser. */
export class DashboardRig {
  /** Folder of the built page. */
  root = '';
  /** URL of the cloud. */
  base = '';
  #server: FixtureServer | undefined;
  #browser: Browser | undefined;

  get server(): FixtureServer {
    return this.#server!;
  }

  async start(): Promise<void> {
    this.root = await ensureBuilt(() => undefined);
    this.#server = new FixtureServer({ root: this.root });
    this.base = await this.server.start();
    this.#browser = await launch();
    mkdirSync(pictures, { recursive: true });
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await this.server.stop();
  }

  /** Starts another cloud at the same address after the first was stopped. */
  async startAgain(): Promise<void> {
    this.#server = new FixtureServer({ root: this.root, port: Number(new URL(this.base).port) });
    await this.server.start();
  }

  readonly open = async (path: string, options: BrowserContextOptions = {}): Promise<WatchedPage> => {
    const watched = await watchedPage(this.#browser!, options);
    await watched.page.goto(`${this.base}${path}`);
    return watched;
  };
}

/** One rig for all tests of a file. */
export function dashboardRig(): DashboardRig {
  const rig = new DashboardRig();
  before(() => rig.start());
  after(() => rig.stop());
  return rig;
}
