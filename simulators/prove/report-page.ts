import type { Course } from './course.ts';
import { figureInWords } from './figure-names.ts';
import { judged } from './outcome.ts';
import { JUDGED } from './protocol.ts';
import type { ArmRegret } from './regret.ts';
import { alone, dots, regretDots, timelines, type Timeline } from './report-figures.ts';
import type { ArmRun } from './run-arm.ts';
import type { Interval } from './statistics.ts';
import { short, type Summary } from './summary.ts';

export interface ReportFacts {
  readonly tier: string;
  /** Why the runs confirm nothing; undefined if they do. */
  readonly whyNot: string | undefined;
  readonly protocolSha256: string;
  readonly codeSha256: string;
  readonly replay: string;
  readonly primary: readonly string[];
  readonly lostLoad: readonly number[];
  readonly missing: readonly string[];
  readonly courses: readonly Course[];
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
.first{font-size:1.4rem;border-left:4px solid #b3261e;padding-left:1rem}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .75rem;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}svg text{font:12px system-ui,sans-serif}code{overflow-wrap:anywhere}
.worse{color:#b3261e}figure{display:inline-block;margin:0 1rem 1rem 0}`;

/** The report: one self-contained HTML file that lists the hybrid's losses first. */
export function reportPage(runs: readonly ArmRun[], summary: Summary, facts: ReportFacts): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Loadstone: the proof, tier ${facts.tier}</title>
<style>${STYLE}</style></head><body>
<h1>Where the hybrid lost</h1>
<p class="first">${escaped(summary.sentence)}</p>
${lostTable(summary)}
<h1>The proof, tier ${facts.tier}</h1>
<p>${facts.whyNot === undefined ? 'Confirmatory: tier, scenarios, seeds and arms are those of the protocol, and the hashes of protocol and code below are those in <code>simulators/runs/prove/recorded.yaml</code>. The commit of that file shows whether they were recorded before the runs; this page does not check it.' : `Descriptive: it confirms nothing, because ${escaped(facts.whyNot)}.`}
Intervals are 95 % bootstrap intervals over calendar days. Lower is better in every figure.</p>
<h2>Regret by arm</h2>
${regret(summary)}
<h2>Primary outcomes by arm</h2>
${facts.primary.map((name) => `<figure>${dots(name, figureInWords(name), summary.arms)}</figure>`).join('')}
<h2>Cost J by the price of lost load</h2>
${costs(summary, facts)}
<h2>All figures</h2>
${allFigures(summary)}
<h2>Statements fixed beforehand</h2>
${table(
  ['statement', 'p (Holm)', 'verdict', ''],
  summary.statements.map(({ says, p, verdict, why }) => [says, p === null ? '' : p.toFixed(4), verdict, why]),
)}
<h2>Targets of the hybrid</h2>
${table(
  ['target', 'found', 'verdict'],
  summary.targets.map(({ says, found, verdict }) => [says, found, verdict]),
)}
<h2>The hybrid's worst run beside its rivals</h2>
${worst(runs, facts)}
<h2>Bytes and CPU time</h2>
${table(
  ['arm', 'bytes up per run', 'bytes down per run', 'CPU s in total'],
  Object.entries(summary.arms).map(([id, { title, bytesPerRun, cpuS }]) => [
    `${id} ${title}`,
    bytesPerRun === null ? 'not counted' : `${bytesPerRun.up}`,
    bytesPerRun === null ? 'not counted' : `${bytesPerRun.down}`,
    cpuS.toFixed(0),
  ]),
)}
<h2>Runs</h2>
<p>${runs.length} runs. Not compared, because practice has no failure there: ${escaped(summary.notScored.join(', ')) || 'none'}.
Not compared, because a feeder trips there even with perfect foresight: ${escaped(summary.foresightFails.join(', ')) || 'none'}.</p>
${table(
  ['scenario', 'seed', 'day', 'arm', `J at ${JUDGED} EUR/kWh`, 'trips', 'over shared limit, kWh', 'replay'],
  runs.map(({ scenario, seed, day, arm, outcome }) => [
    scenario,
    `${seed}`,
    day,
    arm,
    short(judged(outcome)),
    `${outcome.trips}`,
    short(outcome.sharedOverKwh),
    `${facts.replay} --seeds ${seed} --arms ${arm} --fresh`,
  ]),
)}
<h2>Limitations</h2>
<ul>${facts.missing.map((each) => `<li>${escaped(each)}</li>`).join('')}</ul>
<p>Protocol <code>${facts.protocolSha256}</code><br>Code <code>${facts.codeSha256}</code></p>
</body></html>
`;
}

function lostTable({ lost }: Summary): string {
  if (lost.length === 0) return '<p>The hybrid is worse in no comparison.</p>';
  return table(
    ['outcome', 'lost to', 'worse by', 'rival mean', '95 %', 'n', ''],
    lost.map(({ outcome, to, by, rivalMean, low, high, n, clear }) => [
      figureInWords(outcome),
      to,
      short(by),
      short(rivalMean),
      low === null || high === null ? 'too few days' : `${short(low)} to ${short(high)}`,
      `${n}`,
      clear ? 'clear' : 'inconclusive',
    ]),
  );
}

/** The report's first figure alone on white, for use on other pages. Undefined without regret. */
export function regretPicture({ regret: regrets, arms }: Summary): string | undefined {
  if (regrets === null) return undefined;
  const of = Object.fromEntries(Object.entries(regrets.arms).map(([id, { at }]) => [id, at[JUDGED]]));
  return alone(regretDots('Regret: 0 is foresight, 1 is practice', arms, of));
}

/** Share of foresight's saving over practice that each arm leaves. */
function regret({ regret: regrets, arms }: Summary): string {
  if (regrets === null) return '<p>Unknown: practice or foresight was not run.</p>';
  const each = (of: (arm: ArmRegret) => Interval | undefined): Record<string, Interval | undefined> =>
    Object.fromEntries(Object.entries(regrets.arms).map(([id, arm]) => [id, of(arm)]));
  const first = Object.values(regrets.arms)[0];
  const scenarios = Object.keys(first?.byScenario ?? {});
  const prices = Object.keys(first?.at ?? {});
  const cell = ({ mean, low, high }: Interval): string =>
    low === null || high === null ? short(mean) : `${short(mean)} (${short(low)} to ${short(high)})`;
  return `<p>The share of foresight's saving over practice in EUR that an arm fails to save: 0 is foresight, 1 is practice.
It is a ratio of sums over runs. Foresight is the best of several rehearsals on the true plant, so an arm may fall below 0.</p>
<figure>${regretDots(
    'all runs',
    arms,
    each(({ at }) => at[JUDGED]),
  )}</figure>
${scenarios
  .map(
    (name) =>
      `<figure>${regretDots(
        name,
        arms,
        each(({ byScenario }) => byScenario[name]),
      )}</figure>`,
  )
  .join('')}
${table(
  ['regret at lost load of', ...prices.map((eur) => `${eur} EUR/kWh`), `${JUDGED} EUR/kWh without trips`],
  Object.entries(regrets.arms).map(([id, { at, withoutTrips }]) => [
    `${id} ${arms[id]!.title}`,
    ...prices.map((eur) => cell(at[eur]!)),
    cell(withoutTrips),
  ]),
)}
<p>Left out, because foresight saves nothing there: ${escaped(regrets.unbounded.join(', ')) || 'none'}.
Below foresight: ${escaped(regrets.beaten.map(({ arm, run, by }) => `${arm} in ${run} by ${short(by)} EUR`).join(', ')) || 'none'}.</p>`;
}

function costs({ arms }: Summary, { lostLoad }: ReportFacts): string {
  const row = (id: string, title: string, prefix: string): string[] => [
    title,
    ...lostLoad.map((eur) => short(arms[id]!.outcomes[`${prefix}${eur}`]!.mean)),
  ];
  return table(
    ['arm, EUR per run at', ...lostLoad.map((eur) => `${eur} EUR/kWh`)],
    Object.entries(arms).flatMap(([id, { title }]) => [
      row(id, `${id} ${title}`, 'costEurAt'),
      row(id, `${id} without trips`, 'costWithoutTripsEurAt'),
    ]),
  );
}

function allFigures({ arms }: Summary): string {
  const ids = Object.keys(arms);
  const names = Object.keys(arms[ids[0]!]?.outcomes ?? {});
  const overshoot = (of: 'p95' | 'most') => ids.map((id) => arms[id]!.overshootPu[of]?.toFixed(4) ?? 'unknown');
  const relief = (of: keyof (typeof arms)[string]['reliefS']) => ids.map((id) => `${arms[id]!.reliefS[of] ?? 'never'}`);
  return table(
    ['mean per run', ...ids.map((id) => `${id} ${arms[id]!.title}`)],
    [
      ...names.map((name) => [figureInWords(name), ...ids.map((id) => short(arms[id]!.outcomes[name]!.mean))]),
      ['runs with a trip', ...ids.map((id) => arms[id]!.trips)],
      ['time of a relievable spike above the limit, p95 of those that ended, s', ...relief('limitP95')],
      ['time of a spike above the pick-up, p95 of those that ended, s', ...relief('pickUpP95')],
      ['relievable spikes that never fell below the limit', ...relief('never')],
      ['spikes that never passed the limit', ...relief('harmless')],
      ['spikes beyond the capability of all devices behind the head', ...relief('beyond')],
      ['voltage above the planning band in the minute after a spike, p95, pu', ...overshoot('p95')],
      ['the same, highest, pu', ...overshoot('most')],
    ],
  );
}

/** The run in which the hybrid costs most against its best rival. */
function worst(runs: readonly ArmRun[], { courses }: ReportFacts): string {
  const cost = ({ outcome }: ArmRun): number => judged(outcome);
  const groups = [...Map.groupBy(runs, ({ scenario, seed }) => `${scenario} ${seed}`).values()];
  const behind = (group: readonly ArmRun[]): number => {
    const own = group.find(({ arm }) => arm === 'F');
    const rivals = group.filter(({ arm }) => arm !== 'F' && arm !== 'H');
    return own === undefined || rivals.length === 0 ? -Infinity : cost(own) - Math.min(...rivals.map(cost));
  };
  const group = groups.sort((a, b) => behind(b) - behind(a))[0];
  if (group === undefined) return '<p>No runs.</p>';
  const { scenario, seed, day } = group[0]!;
  const course = courses.find((each) => each.scenario === scenario && each.seed === seed);
  const rows = group.map(({ arm, minutes }): Timeline => ({ title: arm, sites: Object.values(minutes) }));
  return `<p>${escaped(scenario)}, seed ${seed}, ${day}. Shaded: WAN outage. Lines below: spikes.</p>
${rows.map((row) => `<figure>${timelines(row, course)}</figure>`).join('')}`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><tr>${head.map((each) => `<th>${escaped(each)}</th>`).join('')}</tr>${rows
    .map((row) => `<tr>${row.map((each) => `<td>${escaped(each)}</td>`).join('')}</tr>`)
    .join('')}</table>`;

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (each) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[each]!);
