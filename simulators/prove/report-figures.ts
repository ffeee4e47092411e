import type { Course } from './course.ts';
import { NO_LIMIT_KW } from './scenario.ts';
import type { Minute } from './site-score.ts';
import type { Interval } from './statistics.ts';
import { short, type ArmSummary } from './summary.ts';

export interface Timeline {
  readonly title: string;
  /** By site, then by minute. */
  readonly sites: readonly (readonly Minute[])[];
}

const WIDTH = 460;
const LEFT = 120;
const RIGHT = 90;
const ROW = 26;

/** Mean of each arm with its interval. */
export const dots = (name: string, title: string, arms: Readonly<Record<string, ArmSummary>>): string =>
  intervals(
    title,
    Object.entries(arms).map(([id, arm]) => ({ label: `${id} ${arm.title}`, ...arm.outcomes[name]! })),
  );

/** Regret of each arm; the grey lines mark foresight at zero and practice at one. */
export const regretDots = (
  name: string,
  arms: Readonly<Record<string, ArmSummary>>,
  of: Readonly<Record<string, Interval | undefined>>,
): string =>
  intervals(
    name,
    Object.entries(of).flatMap(([id, regret]) =>
      regret === undefined || !Number.isFinite(regret.mean) ? [] : [{ label: `${id} ${arms[id]!.title}`, ...regret }],
    ),
    [0, 1],
  );

/** Draws means with intervals; an interval without bounds has no line. */
function intervals(
  name: string,
  rows: readonly (Interval & { readonly label: string })[],
  marked: readonly number[] = [],
): string {
  const all = [0, 1e-9, ...marked, ...rows.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean])];
  const least = Math.min(...all);
  const most = Math.max(...all);
  const x = (value: number): number => LEFT + ((value - least) / (most - least)) * (WIDTH - LEFT - RIGHT);
  const height = 28 + ROW * rows.length;
  const marks = rows.map(({ label, mean, low, high }, at) => {
    const y = 36 + ROW * at;
    const range = low === null || high === null ? '' : line([x(low), y, x(high), y], '#888', 3);
    return `${text(0, y + 4, label)}${range}<circle cx="${x(mean).toFixed(1)}" cy="${y}" r="5" fill="${label.startsWith('F ') ? '#b3261e' : '#1b5e9b'}"/>${text(WIDTH - RIGHT + 12, y + 4, short(mean))}`;
  });
  return svg(
    height,
    `${text(0, 14, name)}${[0, ...marked].map((value) => line([x(value), 22, x(value), height], '#ccc', 1)).join('')}${marks.join('')}`,
    name,
  );
}

/** Power against the limit, voltage with its band, load of the worst head; link outages and spikes as strips. */
export function timelines({ title, sites }: Timeline, course: Course | undefined): string {
  const count = Math.min(...sites.map((site) => site.length));
  const at = (minute: number): readonly Minute[] => sites.map((site) => site[minute]!);
  const series = (of: (all: readonly Minute[]) => number): number[] =>
    Array.from({ length: count }, (_, minute) => of(at(minute)));
  const sum = (all: readonly Minute[]): number => all.reduce((kw, { sourceKw }) => kw + sourceKw, 0);
  const panels = [
    {
      name: 'all sites, kW',
      lines: [series(sum)],
      limits: [course?.shared.importKw ?? NO_LIMIT_KW].filter((kw) => kw < NO_LIMIT_KW),
    },
    {
      name: 'voltage, pu',
      lines: [
        series((all) => Math.min(...all.map(({ lowestPu }) => lowestPu))),
        series((all) => Math.max(...all.map(({ highestPu }) => highestPu))),
      ],
      limits: [0.94, 1.06],
    },
    {
      name: 'worst head, %',
      lines: [series((all) => Math.max(...all.map(({ loadingPct }) => loadingPct)))],
      limits: [120],
    },
    {
      name: 'devices, kW',
      lines: [series((all) => all.reduce((kw, { devicesKw }) => kw + devicesKw, 0))],
      limits: [0],
    },
  ];
  const high = 90;
  const x = (minute: number): number => 50 + (minute / Math.max(1, count - 1)) * (WIDTH - 60);
  const drawn = panels.map(({ name, lines, limits }, panel) => {
    const all = [...lines.flat(), ...limits].filter(Number.isFinite);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    const top = 24 + panel * (high + 18);
    const y = (value: number): number => top + 14 + (1 - (value - least) / (most - least || 1)) * (high - 18);
    const paths = lines.map((values) => {
      const points = values.flatMap((value, minute) =>
        Number.isFinite(value) ? [`${x(minute).toFixed(1)},${y(value).toFixed(1)}`] : [],
      );
      return `<polyline points="${points.join(' ')}" fill="none" stroke="#1b5e9b" stroke-width="1.5"/>`;
    });
    const bounds = limits.map((value) => line([50, y(value), WIDTH - 10, y(value)], '#b3261e', 1));
    return `${text(0, top + 6, name)}${text(0, top + 22, short(most))}${text(0, top + high, short(least))}${bounds.join('')}${paths.join('')}`;
  });
  const height = 24 + panels.length * (high + 18) + 14;
  const strips = (course?.events ?? []).map((event) => {
    const from = x(event.atS / 60);
    const width = Math.max(2, x(Math.min(count - 1, (event.atS + event.s) / 60)) - from);
    if (event.kind === 'wan')
      return `<rect x="${from}" y="20" width="${width}" height="${height - 34}" fill="#000" opacity=".08"/>`;
    return event.kind === 'spike' ? line([from, height - 6, from + width, height - 6], '#b3261e', 4) : '';
  });
  return svg(height, `${text(0, 12, title)}${strips.join('')}${drawn.join('')}`, `timeline of arm ${title}`);
}

const svg = (height: number, inner: string, label: string): string =>
  `<svg width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">${inner}</svg>`;

/** Makes a figure a standalone SVG file. */
export const alone = (figure: string): string =>
  figure
    .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" font-family="system-ui, sans-serif" font-size="12" ')
    .replace('>', '><rect width="100%" height="100%" fill="#fff"/>');

const text = (x: number, y: number, words: string): string => `<text x="${x}" y="${y.toFixed(0)}">${words}</text>`;

const line = ([x1, y1, x2, y2]: readonly [number, number, number, number], colour: string, width: number): string =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${colour}" stroke-width="${width}"/>`;
