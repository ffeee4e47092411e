import { givenSeed } from '../simulate/drawn-seed.ts';
import { testChaos } from './testing/chaos-rounds.ts';

testChaos(100, givenSeed() ?? 1);
