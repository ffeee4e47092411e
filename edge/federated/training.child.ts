import { localRound, type LocalRound } from '../../shared/federated/local-round.ts';
import { CryptoRandom } from './crypto-random.ts';

/** The process that trains one round and exits; it also exits with its parent. */
process.on('message', (message) => {
  void localRound(message as LocalRound, new CryptoRandom()).then((result) =>
    process.send?.(result, () => process.disconnect?.()),
  );
});
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
