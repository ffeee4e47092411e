import { test } from 'node:test';
import { holdsFor } from './testing/simulate-command.ts';

const SEEDS = 1000;
const first = Number(process.env['LOADSTONE_SEED'] ?? 1);

test(`${SEEDS} fault seeds: all invariants hold`, () => holdsFor(SEEDS, first));
