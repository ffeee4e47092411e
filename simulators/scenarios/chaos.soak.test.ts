import { testChaos } from './testing/chaos-rounds.ts';

testChaos(100, Number(process.env['LOADSTONE_SEED'] ?? 1));
