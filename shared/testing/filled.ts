/** `text` repeated between `head` and `tail`, up to `size` characters. */
export const filled = (text: string, head = '', tail = '', size = 1_000_000): string =>
  head + text.repeat(Math.floor((size - head.length - tail.length) / text.length)) + tail;
