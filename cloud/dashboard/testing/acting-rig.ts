import { mkdirSync } from 'node:fs';
import { after, before } from 'node:test';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { ensureBuilt } from '../build.ts';
import { ActingServer, PASSWORD } from './acting-server.ts';
import { launch, pictures, watchedPage, type WatchedPage } from './browser-kit.ts';

/** A desk with answering gateways, two operators (the first holds the region), an engineer, a viewer, and a browser. */
export class ActingRig {
  readonly server = new ActingServer();
  /** URL of the cloud. */
  base = '';
  #browser: Browser | undefined;

  async start(): Promise<void> {
    const root = await ensureBuilt(() => undefined);
    const users = { anna: ['operator'], bert: ['operator'], erik: ['engineer'], vera: ['viewer'] } as const;
    this.base = await this.server.start(root, users);
    await this.server.areas.take('anna', { targets: ['region:north'] });
    this.#browser = await launch();
    mkdirSync(pictures, { recursive: true });
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await this.server.stop();
  }

  /** Opens a page, signed in as a user. */
  readonly open = async (
    path: string,
    user: string | null,
    options: BrowserContextOptions = {},
  ): Promise<WatchedPage> => {
    const watched = await watchedPage(this.#browser!, options);
    const { page } = watched;
    if (user !== null) await this.#signIn(page, user);
    await page.goto(`${this.base}${path}`);
    await page.waitForSelector('.links .link-up');
    return watched;
  };

  async #signIn(page: Page, user: string): Promise<void> {
    await page.goto(`${this.base}/login`);
    await page.getByLabel('Name', { exact: true }).fill(user);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('.menu summary', { hasText: user }).waitFor();
  }
}

/** One rig for all tests of a file. */
export function actingRig(): ActingRig {
  const rig = new ActingRig();
  before(() => rig.start());
  after(() => rig.stop());
  return rig;
}

export const dialog = (page: Page): Locator => page.locator('dialog[open]');

/** Opens the setpoint dialog from the list of devices: a device's acts appear once it is chosen, or is the only one. */
export async function openSetpoint(page: Page, device: string): Promise<void> {
  const act = page.getByRole('button', { name: `Act on ${device}` });
  const setpoint = page.getByRole('button', { name: `Setpoint of ${device}` });
  await act.or(setpoint).waitFor();
  if (await act.isVisible()) await act.click();
  await setpoint.click();
  await dialog(page).getByLabel('Reason').waitFor();
}
