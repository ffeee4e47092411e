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

/** The seed of the commit checked out in `folder`, so that each commit explores new runs. LOADSTONE_SEED=N overrides it. */
export function drawnSeed(folder: string): DrawnSeed {
  const set = process.env['LOADSTONE_SEED'];
  if (set !== undefined) return { seed: Number(set), from: 'LOADSTONE_SEED' };
  try {
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return { seed: Number.parseInt(commit.slice(0, DIGITS), 16), from: `commit ${commit.slice(0, DIGITS)}` };
  } catch {
    return { seed: FIXED, from: 'fixed: git knows no commit here' };
  }
}
