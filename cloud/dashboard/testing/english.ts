import type { Page } from 'playwright-core';

/** English words that no text in the other language contains. */
const ENGLISH = {
  de: 'the|of|and|is|are|up|down|with|from|to|by|not|no|none|alarms|feeder|device|devices|waiting|overview|setpoint|unknown|limits?|forecast|measured|estimated|stale|plan|power|voltage|since|now|held|free|closed',
  nl: 'the|and|are|down|with|from|by|not|none|alarms|device|devices|waiting|overview|unknown|limits|forecast|measured|estimated|stale|power|voltage|since|now|held|free|closed',
} as const;

/** Returns English words in shown, drawn and announced text. `but`: names given by people and the network, which stay as they are. */
export const englishOn = (page: Page, language: keyof typeof ENGLISH, but: readonly string[] = []): Promise<string[]> =>
  page.evaluate(
    ({ words, written }) => {
      const texts: string[] = [document.title];
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT);
      for (let at = walk.nextNode(); at !== null; at = walk.nextNode()) {
        const element = at as Element;
        // The detail of an error, which is marked as English.
        if (element.closest('body [lang="en"]') !== null) continue;
        for (const name of ['aria-label', 'title', 'placeholder', 'data-name'])
          texts.push(element.getAttribute(name) ?? '');
        for (const child of element.childNodes)
          if (child.nodeType === Node.TEXT_NODE) texts.push(child.textContent ?? '');
      }
      const english = new RegExp(`(?<![\\w.:/-])(${words})(?![\\w-]|[.:]\\w)`, 'i');
      const own = texts.map((text) => written.reduce((rest, each) => rest.replaceAll(each, ''), text));
      return [...new Set(own.filter((text) => english.test(text)).map((text) => text.trim()))];
    },
    { words: ENGLISH[language], written: [...but] },
  );
