import { fitText } from './fit-text.ts';

/**
 * Characters that are not seen and change how what stands around them reads, on a screen, in a terminal or in a mail: controls, marks of
 * direction, spaces of no width, tags. U+FEFF is a byte order mark.
 */
const HIDDEN = String.raw`\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}`;
const BLANK = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const UNSEEN = new RegExp(`[${HIDDEN}]`, 'gu');
const SUSPECT = new RegExp(String.raw`[${HIDDEN}]|\\[a-z]`, 'u');

/** No honest name or sentence of a message is longer. */
const MOST_TEXT = 2000;

/** A text from outside as it may be shown: one line, each hidden character as U+FFFD, so that it shows that there was something. */
export const plainText = (text: string): string =>
  text.toWellFormed().replaceAll(BLANK, ' ').replaceAll(UNSEEN, '\ufffd');

/** Whether JSON may hold a text that is not plain, or too long: of almost all that honest gateways send it does not. */
export const mayHide = (json: string): boolean => json.length > MOST_TEXT || SUSPECT.test(json);

/** The value with each of its texts plain and of at most 2,000 characters; keys too. */
export function plainValues(value: unknown): unknown {
  if (typeof value === 'string') return fitText(plainText(value), MOST_TEXT);
  if (Array.isArray(value)) return value.map(plainValues);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [plainText(key), plainValues(each)]));
}
