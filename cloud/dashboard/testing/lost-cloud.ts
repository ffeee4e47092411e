import type { Page } from 'playwright-core';

/** Goes to a screen as a link does. */
export const show = (page: Page, path: string): Promise<void> =>
  page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);

/** What a screen tells of now without the hatching that says that it is old. */
export const liveLooking = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const isHatched = (each: Element): boolean => getComputedStyle(each).backgroundImage.includes('gradient');
    const isOld = (each: Element): boolean => {
      for (let at: Element | null = each; at !== null; at = at.parentElement) if (isHatched(at)) return true;
      return [...each.querySelectorAll('*')].some(isHatched);
    };
    const values =
      'main :is(td:not(.desk-acts), dd, .strip-value, .strip-note, .alarm-list li, .finding-list li), .top .links dd:not(:first-of-type), .top .count, .alarm-banner p';
    return [...document.querySelectorAll(values)]
      .filter((each) => each.closest('.links > div:first-child') === null)
      .filter((each) => each.textContent.trim() !== '' && !isOld(each))
      .map((each) => `${location.pathname}: ${each.className} ${each.textContent.slice(0, 40)}`);
  });
