/** Longest text of an event or alarm, characters. */
export const EVENT_TEXT = 500;
/** Most sentences in one answer. Defined here so that the page can import it without the schemas. */
export const MOST_SENTENCES = 2000;

/** The text if it fits into `most` characters, else as many whole words as fit, followed by an ellipsis. */
export function fitText(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.lastIndexOf(' ', most - 1);
  return `${text.slice(0, end > 0 ? end : most - 1).replace(/(?<![,;:])[,;:]+$/, '')}…`;
}
