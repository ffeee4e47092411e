/** One message of an event stream (text/event-stream). */
export interface SseMessage {
  readonly event: string;
  readonly data: string;
}

/** Takes text as it arrives and gives the messages that are complete; what is left waits for the next part. */
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
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    if (line.startsWith('event:')) event = value;
    if (line.startsWith('data:')) data.push(value);
  }
  return data.length === 0 ? [] : [{ event, data: data.join('\n') }];
}
