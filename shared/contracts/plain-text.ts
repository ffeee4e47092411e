import { fitText } from './fit-text.ts';

/**
 * Invisible characters that change how the text around them reads on a screen, in a terminal or in a mail: control characters, direction
 * marks, zero-width spaces, tags. U+FEFF is the byte order mark.
 */
const HIDDEN = String.raw`\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}`;
const BLANK = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const UNSEEN = new RegExp(`[${HIDDEN}]`, 'gu');
const SUSPECT = new RegExp(String.raw`[${HIDDEN}]|\\[a-z]`, 'u');

/** No legitimate name or sentence in a message is longer. */
const MOST_TEXT = 2000;

/** Makes text from outside safe to show: one line, with each hidden character replaced by U+FFFD so that it leaves a visible trace. */
export const plainText = (text: string): string =>
  text.toWellFormed().replaceAll(BLANK, ' ').replaceAll(UNSEEN, '\ufffd');

/** Whether JSON may contain text that is not plain, or is too long. False for almost everything that legitimate gateways send. */
export const mayHide = (json: string): boolean => json.length > MOST_TEXT || SUSPECT.test(json);

/** The value with all texts and keys made plain, and each text cut to 2,000 characters. */
export function plainValues(value: unknown): unknown {
  if (typeof value === 'string') return fitText(plainText(value), MOST_TEXT);
  if (Array.isArray(value)) return value.map(plainValues);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [plainText(key), plainValues(each)]));
}
