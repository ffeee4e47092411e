import { connect, createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { every } from '../../../shared/time/every.ts';
import { systemTimeBase } from '../../../shared/time/system-clock.ts';
import { FrontConnection } from './connection.ts';
import { Freshness } from './freshness.ts';
import { KeptAnswers } from './kept-answers.ts';
import { addressLine, type FrontData, type FrontWord } from './protocol.ts';

/** The thread that meets the network: it waits for nothing that the cloud does, so that what is kept leaves at once. */
const { host, port, inner, secret, limits, freshness, rates } = workerData as FrontData;
const time = systemTimeBase((error) => {
  throw error;
});
const kept = new KeptAnswers(new Freshness(freshness), () => time.now());
const say = (word: FrontWord): void => parentPort!.postMessage(word, []);

const open = new Set<FrontConnection>();
const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const connection = new FrontConnection(client, {
    kept,
    rates,
    limits,
    secret,
    time,
    connect: (address) => {
      const joined = connect({ path: inner, allowHalfOpen: true });
      joined.write(addressLine(address));
      return joined;
    },
  });
  open.add(connection);
  client.on('close', () => open.delete(connection));
  connection.begin();
});
every(time, limits.checkEveryMs, () => open.forEach((connection) => connection.look()));
server.on('error', (error: NodeJS.ErrnoException) =>
  say({ kind: 'refused', code: error.code ?? '', message: error.message }),
);
server.listen({ host, port }, () => {
  const address = server.address();
  say({ kind: 'listening', port: typeof address === 'object' && address !== null ? address.port : port });
});
parentPort!.on('message', () => {
  server.close(() => say({ kind: 'closed' }));
  for (const connection of open) connection.finish();
});
