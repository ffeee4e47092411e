import { localRound } from '../../shared/federated/local-round.ts';
import type { Random } from '../../shared/ports/random.ts';
import type { Trainer } from './learner.ts';

/** Trains in the caller's own thread, for virtual time and tests. */
export const inlineTrainer = (random: Random): Trainer => ({
  train: (round) => localRound(round, random),
  stop: () => undefined,
});
