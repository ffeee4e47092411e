/** One message of an event stream (text/event-stream). */
export interface SseMessage {
  readonly event: string;
  readonly data: string;
  /** Position of the stream after this message. */
  readonly id?: string;
}

/** Takes text as it arrives and returns complete messages; the rest waits for the next part. */
export class SseParser {
  #rest = '';

  push(text: string): SseMessage[] {
    const whole = (this.#rest + text).replaceAll('\r\n', '\n');
    const blocks = whole.split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap(parseBlock);
  }
}

function parseBlock(block: string): SseMessage[] {
  let event = 'message';
  const data: string[] = [];
  let id: string | undefined;
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    if (line.startsWith('event:')) event = value;
    if (line.startsWith('data:')) data.push(value);
    if (line.startsWith('id:')) id = value;
  }
  if (data.length === 0 && id === undefined) return [];
  return [{ event: data.length === 0 ? 'id' : event, data: data.join('\n'), ...(id === undefined ? {} : { id }) }];
}
