import { test } from 'node:test';
import { givenSeed } from './drawn-seed.ts';
import { holdsFor } from './testing/simulate-command.ts';

const SEEDS = 1000;
const first = givenSeed() ?? 1;

test(`${SEEDS} fault seeds: all invariants hold`, () => holdsFor(SEEDS, first));
