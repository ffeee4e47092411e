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
  readonly isConfirmatory: boolean;
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
<p>${facts.isConfirmatory ? 'Confirmatory: tier, scenarios, seeds and arms are those of the protocol. Whether protocol and code were fixed before the runs shows in the hashes below, held against those recorded beforehand; this page does not check it.' : 'Descriptive: it confirms nothing.'}
Intervals are 95 % of a bootstrap by calendar day. Less is better in each figure.</p>
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
<h2>The hybrid's worst run beside its rivals</h2>
${worst(runs, facts)}
<h2>Bytes and processors</h2>
${table(
  ['arm', 'bytes up a run', 'bytes down a run', 'CPU s in all'],
  Object.entries(summary.arms).map(([id, { title, bytesPerRun, cpuS }]) => [
    `${id} ${title}`,
    bytesPerRun === null ? 'not counted' : `${bytesPerRun.up}`,
    bytesPerRun === null ? 'not counted' : `${bytesPerRun.down}`,
    cpuS.toFixed(0),
  ]),
)}
<h2>Runs</h2>
<p>${runs.length} runs. Practice failed in nothing, so these are not compared: ${escaped(summary.notScored.join(', ')) || 'none'}.</p>
${table(
  ['scenario', 'seed', 'day', 'arm', `J at ${JUDGED} EUR/kWh`, 'trips', 'shared over, kWh', 'replay'],
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
<h2>What is not in it</h2>
<ul>${facts.missing.map((each) => `<li>${escaped(each)}</li>`).join('')}</ul>
<p>Protocol <code>${facts.protocolSha256}</code><br>Code <code>${facts.codeSha256}</code></p>
</body></html>
`;
}

function lostTable({ lost }: Summary): string {
  if (lost.length === 0) return '<p>It is worse in no comparison.</p>';
  return table(
    ['outcome', 'to', 'by', 'over', '95 %', 'n', ''],
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
  if (regrets === null) return '<p>Not known: practice or foresight was not run.</p>';
  const each = (of: (arm: ArmRegret) => Interval | undefined): Record<string, Interval | undefined> =>
    Object.fromEntries(Object.entries(regrets.arms).map(([id, arm]) => [id, of(arm)]));
  const first = Object.values(regrets.arms)[0];
  const scenarios = Object.keys(first?.byScenario ?? {});
  const prices = Object.keys(first?.at ?? {});
  const cell = ({ mean, low, high }: Interval): string =>
    low === null || high === null ? short(mean) : `${short(mean)} (${short(low)} to ${short(high)})`;
  return `<p>Of the EUR that perfect foresight saves over practice, the part that an arm does not save: 0 is foresight, 1 is practice.
A ratio of sums over runs. Foresight is the best of some rehearsals of the true plant, so an arm may come out below 0.</p>
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
<p>Not in it, because foresight saves nothing there: ${escaped(regrets.unbounded.join(', ')) || 'none'}.
Below foresight: ${escaped(regrets.beaten.map(({ arm, run, by }) => `${arm} in ${run} by ${short(by)} EUR`).join(', ')) || 'none'}.</p>`;
}

function costs({ arms }: Summary, { lostLoad }: ReportFacts): string {
  const row = (id: string, title: string, prefix: string): string[] => [
    title,
    ...lostLoad.map((eur) => short(arms[id]!.outcomes[`${prefix}${eur}`]!.mean)),
  ];
  return table(
    ['arm, EUR a run at', ...lostLoad.map((eur) => `${eur} EUR/kWh`)],
    Object.entries(arms).flatMap(([id, { title }]) => [
      row(id, `${id} ${title}`, 'costEurAt'),
      row(id, `${id} without trips`, 'costWithoutTripsEurAt'),
    ]),
  );
}

function allFigures({ arms }: Summary): string {
  const ids = Object.keys(arms);
  const names = Object.keys(arms[ids[0]!]?.outcomes ?? {});
  const relief = (of: keyof (typeof arms)[string]['reliefS']) => ids.map((id) => `${arms[id]!.reliefS[of] ?? 'never'}`);
  return table(
    ['mean a run', ...ids.map((id) => `${id} ${arms[id]!.title}`)],
    [
      ...names.map((name) => [figureInWords(name), ...ids.map((id) => short(arms[id]!.outcomes[name]!.mean))]),
      ['runs with a trip', ...ids.map((id) => arms[id]!.trips)],
      ['spike that devices can meet until under the limit, p95 of those that ended, s', ...relief('limitP95')],
      ['spike until under the pick-up, p95 of those that ended, s', ...relief('pickUpP95')],
      ['such spikes never under the limit', ...relief('never')],
      ['spikes larger than what all devices behind the head can give', ...relief('beyond')],
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
  if (group === undefined) return '<p>No run.</p>';
  const { scenario, seed, day } = group[0]!;
  const course = courses.find((each) => each.scenario === scenario && each.seed === seed);
  const rows = group.map(({ arm, minutes }): Timeline => ({ title: arm, sites: Object.values(minutes) }));
  return `<p>${escaped(scenario)}, seed ${seed}, ${day}. Shaded: the WAN is down. Lines below: when spikes stand.</p>
${rows.map((row) => `<figure>${timelines(row, course)}</figure>`).join('')}`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><tr>${head.map((each) => `<th>${escaped(each)}</th>`).join('')}</tr>${rows
    .map((row) => `<tr>${row.map((each) => `<td>${escaped(each)}</td>`).join('')}</tr>`)
    .join('')}</table>`;

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (each) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[each]!);
