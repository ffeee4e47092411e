import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below those that outgoing connections take: one of those could have the port before its server starts, or starts again. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** First of `count` ports in a row, at 127.0.0.1, that nobody listened on a moment ago. */
export async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = randomInt(LOWEST, HIGHEST - count);
    const free = await Promise.all(Array.from({ length: count }, (_, at) => isFree(first + at)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports in a row`);
}

export const freePort = (): Promise<number> => freePorts(1);

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
