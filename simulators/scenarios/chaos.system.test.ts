import { shares } from '../chaos/faults.ts';
import { drawnSeed } from '../simulate/drawn-seed.ts';
import { testChaos } from './testing/chaos-rounds.ts';

// One round of each kind.
testChaos(shares.length, drawnSeed(import.meta.dirname).seed);
