import { execFileSync } from 'node:child_process';

/** Used when no commit is known. */
const FIXED = 20_261_124;
/** Hexadecimal digits of the commit: 32 bits, as many as a seed has. */
const DIGITS = 8;

export interface DrawnSeed {
  readonly seed: number;
  /** Its origin, in words. */
  readonly from: string;
}

/** LOADSTONE_SEED; undefined where it is not set. */
export function givenSeed(): number | undefined {
  const text = process.env['LOADSTONE_SEED'] ?? '';
  if (text === '') return undefined;
  const seed = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new Error(`LOADSTONE_SEED is "${text}"; expected a whole number of 0 or more`);
}

/** The seed of the commit checked out in `folder`, so that each commit explores new runs. LOADSTONE_SEED=N overrides it. */
export function drawnSeed(folder: string): DrawnSeed {
  const given = givenSeed();
  if (given !== undefined) return { seed: given, from: 'LOADSTONE_SEED' };
  try {
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return { seed: Number.parseInt(commit.slice(0, DIGITS), 16), from: `commit ${commit.slice(0, DIGITS)}` };
  } catch {
    return { seed: FIXED, from: 'fixed: no git commit here' };
  }
}
