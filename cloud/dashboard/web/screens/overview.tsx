import type { RegionView, SubstationView } from '../../../../shared/contracts/view.ts';
import { concerns, countByPriority, type ActiveAlarm } from '../lib/alarms.ts';
import { loadingLevel, powerLevel, voltageLevel, worst, type Level, type Priority } from '../lib/assess.ts';
import { kw, number, percent, pu, words } from '../lib/format.ts';
import { near } from '../lib/zone.ts';
import { PowerBar, VoltageBar } from '../parts/bars.tsx';
import { Panel, Waiting } from '../parts/layout.tsx';
import { SubstationMap } from '../parts/map.tsx';
import { LinkMark, PriorityMark } from '../parts/marks.tsx';
import { Value } from '../parts/value.tsx';
import { zone } from '../state/settings.ts';
import { alarms, moment, region } from '../state/store.ts';

/** EN 50160 holds where a substation states no voltage limits of its own. */
export const VOLTAGE_LIMITS = { vMinPu: 0.9, vMaxPu: 1.1 };

/** The whole area on one screen. */
export function Overview() {
  const view = region.value;
  if (view === null) {
    return (
      <>
        <h1 class="unseen" tabIndex={-1}>
          Overview
        </h1>
        <Waiting what="the first values of the region" />
      </>
    );
  }
  const standing = alarms.value;
  const levels = new Map(view.substations.map((substation) => [substation.id, levelOf(substation, standing)]));
  return (
    <>
      <AreaStrip view={view} counts={countByPriority(standing)} />
      <Panel title="Area" class="area-map" label="Map">
        <SubstationMap substations={view.substations} levels={levels} />
      </Panel>
      <Panel title="Substations" class="area-list" aside={<span class="muted">consumption positive, feed-in negative</span>}>
        <SubstationTable substations={view.substations} levels={levels} />
      </Panel>
      <Panel title="Alarms" class="area-alarms" aside={<a href="/events">All events</a>}>
        <AlarmList alarms={standing} />
      </Panel>
      <Panel title="Meters found wrong" class="area-findings">
        <Findings substations={view.substations} />
      </Panel>
    </>
  );
}

export const limitsOf = ({ voltageLimits }: SubstationView): { vMinPu: number; vMaxPu: number } => voltageLimits ?? VOLTAGE_LIMITS;

export const voltageLevelOf = (substation: SubstationView): Level => {
  const limits = limitsOf(substation);
  return worst(voltageLevel(substation.voltageMinPu.value, limits), voltageLevel(substation.voltageMaxPu.value, limits));
};

/** A peak to come: beyond its limit it is an early warning, not yet an alarm. */
function Peak({ kw: peak, limits }: { kw: number; limits: SubstationView['limits'] }) {
  const beyond = powerLevel(peak, limits) === 1;
  return (
    <span class={`link-cell${beyond ? ' level-2' : ''}`}>
      {beyond && <PriorityMark level={2} label="predicted beyond its limit" />}
      {kw(peak)}
    </span>
  );
}

export function levelOf(substation: SubstationView, standing: readonly ActiveAlarm[]): Level {
  const own = standing.filter(({ event }) => concerns(event, substation.id)).map(({ priority }) => priority);
  const measured = [
    loadingLevel(substation.loadingPct.value),
    powerLevel(substation.activePowerKw.value, substation.limits),
    voltageLevelOf(substation),
  ];
  return worst(...own, ...measured);
}

function AreaStrip({ view, counts }: { view: RegionView; counts: Record<Priority, number> }) {
  const peaks = view.substations.filter((each) => each.forecastPeak !== null);
  const next = peaks
    .map((each) => ({ ...each.forecastPeak!, name: each.name, share: Math.abs(each.forecastPeak!.kw) / (each.forecastPeak!.kw < 0 ? each.limits.exportKw : each.limits.importKw) }))
    .sort((a, b) => b.share - a.share)[0];
  const plans = view.substations.filter(({ planStatus }) => planStatus === 'optimal').length;
  return (
    <section class="strip" aria-label="State of the area">
      <h1 tabIndex={-1}>{view.name}</h1>
      <div class="strip-item wide">
        <span class="strip-name">Net power of the area</span>
        <span class="strip-value">
          <Value value={view.activePowerKw} unit="kW" level={powerLevel(view.activePowerKw.value, view.limits)} />
        </span>
        <PowerBar value={view.activePowerKw} limits={view.limits} label="Net power of the area" />
        <span class="strip-note">{`limits ${number(-view.limits.exportKw)} to ${number(view.limits.importKw)} kW`}</span>
      </div>
      <div class="strip-item">
        <span class="strip-name">Standing alarms</span>
        <span class="strip-value">
          {([1, 2, 3] as const).map((priority) => (
            <span key={priority} class={`count${counts[priority] === 0 ? ' muted' : ''}`}>
              <PriorityMark level={priority} />
              {counts[priority]}
            </span>
          ))}
        </span>
        <span class="strip-note">by priority</span>
      </div>
      <div class="strip-item">
        <span class="strip-name">Closest forecast peak</span>
        <span class="strip-value">
          {next !== undefined && next.share > 1 && <PriorityMark level={2} label="predicted beyond its limit" />}
          {next === undefined ? 'unknown' : `${number(next.share * 100)} % of limit`}
        </span>
        <span class="strip-note">{next === undefined ? 'no forecast yet' : `${next.name}, ${kw(next.kw)} kW at ${near(next.at, moment.value.now, zone())}`}</span>
      </div>
      <div class="strip-item">
        <span class="strip-name">Plans in force</span>
        <span class="strip-value">{`${plans} of ${view.substations.length}`}</span>
        <span class="strip-note">{planNote(view.substations)}</span>
      </div>
    </section>
  );
}

function planNote(substations: readonly SubstationView[]): string {
  const others = substations.filter(({ planStatus }) => planStatus !== 'optimal');
  return others.length === 0 ? 'all optimal' : others.map(({ id, planStatus }) => `${id.toUpperCase()} ${planLabel(planStatus)}`).join(', ');
}

const planLabel = (status: SubstationView['planStatus']): string => {
  switch (status) {
    case 'optimal':
      return 'optimal';
    case 'least-violation':
      return 'least violation';
    case 'envelopes-only':
      return 'envelopes only';
    case 'none':
      return 'no plan';
  }
};

function SubstationTable({ substations, levels }: { substations: readonly SubstationView[]; levels: ReadonlyMap<string, Level> }) {
  return (
    <table class="data stations">
      <thead>
        <tr>
          <th scope="col">
            <span class="unseen">Priority</span>
          </th>
          <th scope="col">Substation</th>
          <th scope="col" class="num noted">
            Net, kW
          </th>
          <th scope="col" class="bar-cell">
            Against limits
          </th>
          <th scope="col" class="num">
            Load, %
          </th>
          <th scope="col" class="bar-cell short from-desk">
            Voltage, pu
          </th>
          <th scope="col" class="from-desk">
            <span class="unseen">Voltage range</span>
          </th>
          <th scope="col" class="num from-tablet" colSpan={2}>
            Forecast peak, kW
          </th>
          <th scope="col" class="from-tablet">
            Plan
          </th>
          <th scope="col" class="from-tablet">
            Gateway
          </th>
        </tr>
      </thead>
      <tbody>
        {substations.map((substation) => (
          <Row key={substation.id} substation={substation} level={levels.get(substation.id) ?? null} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ substation, level }: { substation: SubstationView; level: Level }) {
  const { id, name, activePowerKw, limits, forecastPeak, loadingPct, voltageMinPu, voltageMaxPu, planStatus, link } = substation;
  const load = loadingLevel(loadingPct.value);
  return (
    <tr>
      <td class="mark-cell">
        <PriorityMark level={level} />
      </td>
      <th scope="row">
        <a class="row-link" href={`/substations/${id}`}>
          {name}
        </a>
        <span class="tag">{id.toUpperCase()}</span>
      </th>
      <td class="num noted">
        <Value value={activePowerKw} level={powerLevel(activePowerKw.value, limits) === 1 ? 1 : null} />
      </td>
      <td class="bar-cell">
        <PowerBar value={activePowerKw} limits={limits} peakKw={forecastPeak?.kw ?? null} label={`${name} net power`} />
      </td>
      <td class="num">
        <Value value={loadingPct} format={percent} level={load} bare />
      </td>
      <td class="bar-cell short from-desk">
        <VoltageBar low={voltageMinPu} high={voltageMaxPu} limits={limitsOf(substation)} label={`${name} voltage`} />
      </td>
      <td class={`range from-desk from-${voltageMinPu.origin}`}>
        <span class="link-cell">
          {voltageMinPu.value === null ? 'unknown' : `${pu(voltageMinPu.value)} to ${pu(voltageMaxPu.value)}`}
          <PriorityMark level={voltageLevelOf(substation)} />
        </span>
      </td>
      <td class="num from-tablet">{forecastPeak === null ? <span class="unknown">unknown</span> : <Peak kw={forecastPeak.kw} limits={limits} />}</td>
      <td class="from-tablet muted when">{forecastPeak === null ? '' : near(forecastPeak.at, moment.value.now, zone())}</td>
      <td class={`from-tablet when${planStatus === 'optimal' ? ' muted' : ' strong'}`}>{planLabel(planStatus)}</td>
      <td class="from-tablet">
        <span class="link-cell">
          <LinkMark state={link.state === 'up' ? 'up' : link.state === 'down' ? 'down' : 'unknown'} />
          {link.state}
        </span>
      </td>
    </tr>
  );
}

export function AlarmList({ alarms: list }: { alarms: readonly ActiveAlarm[] }) {
  if (list.length === 0) return <p class="muted waiting">No alarm stands.</p>;
  return (
    <ul class="alarm-list" tabIndex={0} aria-label="Standing alarms">
      {list.map(({ event, priority }) => (
        <li key={event.id}>
          <PriorityMark level={priority} />
          <time>{near(event.time, moment.value.now, zone())}</time>
          <span class="tag">{event.source}</span>
          <span class="alarm-text">{event.text}</span>
        </li>
      ))}
    </ul>
  );
}

export function Findings({ substations }: { substations: readonly SubstationView[] }) {
  const found = substations.flatMap((substation) => substation.findings.map((finding) => ({ substation, finding })));
  if (found.length === 0) return <p class="muted waiting">Every meter fits the others.</p>;
  return (
    <ul class="finding-list" tabIndex={0} aria-label="Meters found wrong">
      {found.map(({ substation, finding }) => (
        <li key={`${substation.id}${finding.device}`}>
          <b>{`${substation.id.toUpperCase()} ${finding.device}: ${words(finding.finding)}`}</b>
          <span class="muted">{`since ${near(finding.since, moment.value.now, zone())}`}</span>
          <p>{finding.text}</p>
        </li>
      ))}
    </ul>
  );
}
