import type { Summary, Verdict } from './run.ts';

const COLUMNS = [42, 30, 44, 9, 9] as const;

/** One line of the table in the terminal. */
const lineOf = (...cells: readonly string[]): string =>
  cells
    .map((cell, at) => (at < 3 ? cut(cell, COLUMNS[at]!).padEnd(COLUMNS[at]!) : cell.padStart(COLUMNS[at] ?? 0)))
    .join(' ')
    .trimEnd();

export const headOf = (): string => lineOf('attack', 'expected', 'seen', 'CPU', 'memory');

export function rowOf({ attack, outcome, seen, cost }: Verdict): string {
  const mark = outcome === 'refused' ? '' : `${outcome.toUpperCase()}: `;
  return lineOf(
    attack.id,
    attack.expected,
    mark + seen,
    cost === undefined ? '-' : `${cost.cpuMs} ms`,
    cost === undefined ? '-' : `+${cost.memoryMb.toFixed(0)} MB`,
  );
}

/** Counts, and the full outcome of each attack that was not refused. */
export function sumOf({ groups, attacks, refused, notRun, open }: Summary, verdicts: readonly Verdict[]): string {
  const counts = `${attacks} attacks of ${groups} groups: ${refused} refused, ${notRun} not run, ${open.length} open`;
  const others = verdicts.filter(({ outcome }) => outcome !== 'refused');
  const lines = others.map(({ attack, outcome, seen }) => {
    const why = attack.knownOpen === undefined || outcome !== 'open' ? '' : ` (known: ${attack.knownOpen})`;
    return `  ${outcome}: ${attack.id}: ${seen}${why}`;
  });
  return ['', counts, ...lines].join('\n');
}

const cut = (text: string, width: number): string => {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
};
