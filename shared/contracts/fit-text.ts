/** Characters of the text of an event or alarm, at most. */
export const EVENT_TEXT = 500;
/** Sentences of one answer, at most. Here, where the page takes it without the schemas. */
export const MOST_SENTENCES = 2000;

/** The text, or as many whole words of it as fit into `most` characters and a mark that there is more. */
export function fitText(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.lastIndexOf(' ', most - 1);
  return `${text.slice(0, end > 0 ? end : most - 1).replace(/(?<![,;:])[,;:]+$/, '')}…`;
}
