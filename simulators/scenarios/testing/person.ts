import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { pageOf } from '../../../cloud/dashboard/testing/browser-kit.ts';

const PASSWORD = 'one long walk through all';

/** Access of a walk to the running demo. */
export interface Walked {
  readonly url: string;
  /** Token of a program that may create users. */
  readonly token: string;
}

/** Calls the demo's API with its token; fails unless the answer is 200. */
export async function ask(
  { url, token }: Walked,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body: object },
): Promise<unknown> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.equal(answer.status, 200, `${method} ${path}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

export const giveRoles = (demo: Walked, name: string, roles: readonly string[]): Promise<unknown> =>
  ask(demo, { method: 'PUT', path: `/v1/users/${name}`, body: { roles, areas: '*' } });

/** Signs a person with these roles in on a browser page of their own, where they replace their one-time password. */
export async function personAt(
  browser: Browser,
  demo: Walked,
  { name, roles }: { readonly name: string; readonly roles: readonly string[] },
): Promise<Page> {
  await giveRoles(demo, name, roles);
  const given = await ask(demo, { method: 'POST', path: `/v1/users/${name}/password`, body: {} });
  const { oneTimePassword } = given as { readonly oneTimePassword: string };
  const page = await pageOf(browser);
  await page.goto(`${demo.url}/login`);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(oneTimePassword);
  await page.keyboard.press('Enter');
  await page.getByLabel('Current password').fill(oneTimePassword);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${demo.url}/`);
  return page;
}
