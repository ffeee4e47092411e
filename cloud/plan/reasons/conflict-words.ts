import { listed, sayPlan, type PlanForm } from '../../../shared/sentences/plan-forms.ts';
import { cut, type Part, type Said } from '../../../shared/sentences/said.ts';
import type { Collapse } from '../search/collapse.ts';
import type { ConflictMember, FoundConflict } from './conflict.ts';
import type { FactKind } from '../problem/device-facts.ts';
import type { LimitRow } from '../search/constraints/constraint.ts';
import { constraintOf } from '../search/constraints/table.ts';
import { nameRow } from '../search/elements.ts';
import type { Layout, Scenario } from '../problem/layout.ts';
import type { SaidConflict, SaidMember } from '../search/said-parts.ts';
import type { Optimised } from '../search/optimised.ts';
import { sixDigits } from '../problem/commanded.ts';
import { timeOf } from '../problem/step-time.ts';

const MAX_MEMBERS = 60;
const MAX_TEXT = 600;

/** A conflict in plain words: what cannot be kept, and why. */
export function conflictInWords(optimised: Optimised, { members, isMinimal }: FoundConflict): SaidConflict {
  const rows = members.flatMap((member) => (member.kind === 'limit' ? [member.row] : []));
  const [first, ...others] = alike(optimised, rows).map((each) => limitWords(optimised, each));
  const causes = causesOf(optimised, members);
  const why = causes.length === 0 ? sayPlan('no planned device acts on it') : listed(causes);
  return {
    text: cut(cannotHold(first, { others, why }), MAX_TEXT),
    members: members.slice(0, MAX_MEMBERS).map((member) => named(optimised, member)),
    ...(isMinimal ? {} : { notMinimal: true }),
  };
}

function cannotHold(
  first: LimitWords | undefined,
  { others, why }: { readonly others: readonly LimitWords[]; readonly why: Part },
): Said {
  if (first === undefined) return sayPlan('Nothing fits, because {why}.', { why });
  if (others.length === 0) return sayPlan('{subject} cannot stay {limit}, because {why}.', { ...first, why });
  const beside = listed(others.map((each) => sayPlan('{subject} stays {limit}', each)));
  return sayPlan('{subject} cannot stay {limit} while {others}, because {why}.', { ...first, others: beside, why });
}

/** Where the network has no power flow, in words. */
export const withoutPowerFlow = (layout: Layout, { bus, step, share }: Collapse): Said =>
  sayPlan('bus {bus} has no power flow at {time} at more than {share} % of the load', {
    bus,
    time: timeOf(layout, step),
    share: Math.floor(100 * share),
  });

/** A collapse as a conflict: what the devices can give is not enough to supply all of the load there. */
export function collapseInWords(layout: Layout, collapse: Collapse): SaidConflict {
  const { bus, step } = collapse;
  const text = withoutPowerFlow(layout, collapse);
  return {
    text: sayPlan('{collapse}, with all that the devices were found to give.', { collapse: text }),
    members: [{ kind: 'limit', element: bus, fromStep: step, toStep: step, text }],
  };
}

/** One device with its figures; several in the same state in one phrase. */
function causesOf(optimised: Optimised, members: readonly ConflictMember[]): Part[] {
  const groups = new Map<string, DeviceMember[]>();
  for (const member of members) {
    if (member.kind !== 'device') continue;
    const key = `${member.fact.kind} ${member.fromStep} ${member.toStep}`;
    groups.set(key, [...(groups.get(key) ?? []), member]);
  }
  return [...groups.values()].map((group) => {
    const first = group[0]!;
    if (group.length === 1) return deviceText(optimised, first);
    const ids = group.map(({ fact }) => optimised.layout.problem.devices[fact.device]!.id);
    return sayPlan(together[first.fact.kind], { devices: listed(ids), when: whenOf(optimised, first) });
  });
}

type Together = Extract<PlanForm, `{devices} ${string} {when}`>;

const together: Readonly<Record<FactKind, Together>> = {
  available: '{devices} get no more sun {when}',
  curtailed: '{devices} are curtailed to nothing {when}',
  'reactive least': '{devices} can feed in no more reactive power {when}',
  'reactive most': '{devices} can absorb no more reactive power {when}',
  charging: '{devices} can charge no faster {when}',
  discharging: '{devices} can discharge no faster {when}',
  empty: '{devices} are empty {when}',
  full: '{devices} are full {when}',
  floor: '{devices} stand at their floors {when}',
  most: '{devices} take all that they can {when}',
  energy: '{devices} have all their energy {when}',
  owed: '{devices} can shift no more {when}',
  lowest: '{devices} stand at the lower end of their range {when}',
  highest: '{devices} stand at the upper end of their range {when}',
  moves: '{devices} may move no more {when}',
  inverter: '{devices} are at the rating of their inverters {when}',
};

type DeviceMember = Extract<ConflictMember, { kind: 'device' }>;

function named(optimised: Optimised, member: ConflictMember): SaidMember {
  const { layout, best } = optimised;
  const { kind } = member;
  if (kind === 'device') {
    const { fromStep, toStep, fact } = member;
    const text = deviceText(optimised, member);
    return { kind, element: layout.problem.devices[fact.device]!.id, fromStep, toStep, text };
  }
  const { step } = member.row;
  const { element, constraint, limit, unit } = nameRow(layout, best, member.row);
  const words = limitWords(optimised, [member.row]);
  const text = sayPlan('{subject} stays {limit}', words);
  return { kind, element, fromStep: step, toStep: step, constraint, limit: sixDigits(limit), unit, text };
}

/** Groups rows that are one limit at several times, each sorted by time. */
function alike({ layout, best }: Optimised, rows: readonly LimitRow[]): LimitRow[][] {
  const groups = Map.groupBy(rows, (row) => {
    const { element, constraint } = nameRow(layout, best, row);
    return `${row.kind} ${element} ${constraint}`;
  });
  return [...groups.values()].map((group) => group.toSorted((a, b) => a.step - b.step));
}

interface LimitWords {
  readonly subject: Part;
  readonly limit: Part;
}

function limitWords(optimised: Optimised, rows: readonly LimitRow[]): LimitWords {
  const { layout } = optimised;
  const row = rows[0]!;
  const constraint = constraintOf(row);
  const size = between(rows.map((each) => Math.abs(nameRow(layout, optimised.best, each).limit)));
  const [subject, place] = constraint.words(layout, row, size);
  const limit = atCorner(place, layout.scenarios[row.scenario]!);
  const [from, to] = [timeOf(layout, row.step), timeOf(layout, rows.at(-1)!.step)];
  return {
    subject,
    limit:
      from === to
        ? sayPlan('{limit} at {time}', { limit, time: from })
        : sayPlan('{limit} from {from} to {to}', { limit, from, to }),
  };
}

function whenOf(
  { layout }: Pick<Optimised, 'layout'>,
  { fromStep, toStep }: Pick<DeviceMember, 'fromStep' | 'toStep'>,
): Said {
  const time = timeOf(layout, fromStep);
  return toStep === fromStep
    ? sayPlan('at {time}', { time })
    : sayPlan('from {from} to {to}', { from: time, to: timeOf(layout, toStep) });
}

function deviceText(optimised: Optimised, member: DeviceMember): Said {
  const device = optimised.layout.problem.devices[member.fact.device]!;
  const { kind } = member.fact;
  const step = member.fromStep;
  const common = { device: device.id, when: whenOf(optimised, member) };
  const figured = (form: Figured, value: number): Said => sayPlan(form, { ...common, value: number(value) });
  const kvar = 'maxReactiveKvar' in device ? device.maxReactiveKvar : 0;
  if (kind === 'reactive least') return figured('{device} feeds in at most {value} kvar {when}', kvar);
  if (kind === 'reactive most') return figured('{device} absorbs at most {value} kvar {when}', kvar);
  if (kind === 'inverter') return sayPlan('{device} is at the rating of its inverter {when}', common);
  switch (device.kind) {
    case 'pv':
      return kind === 'curtailed'
        ? sayPlan('{device} is curtailed to nothing {when}', common)
        : figured('{device} gets no more sun than for {value} kW {when}', device.availableKw[step]!);
    case 'storage':
      switch (kind) {
        case 'charging':
          return figured('{device} charges at most {value} kW {when}', device.chargeKw);
        case 'discharging':
          return figured('{device} discharges at most {value} kW {when}', device.dischargeKw);
        case 'empty':
          return figured('{device} may not be emptied below {value} % {when}', 100 * device.socMin);
        default:
          return figured('{device} may not be charged above {value} % {when}', 100 * device.socMax);
      }
    case 'ev':
      if (kind === 'energy') return sayPlan('{device} has given its sessions all their energy {when}', common);
      return kind === 'floor'
        ? figured('{device} may not be held below {value} kW {when}', device.minKw[step]!)
        : figured('{device} takes at most {value} kW {when}', device.maxKw[step]!);
    case 'flexible':
      if (kind === 'owed') return figured('{device} shifts at most {value} kWh {when}', device.bufferKwh);
      return kind === 'floor'
        ? figured('{device} sheds no further than {value} kW {when}', device.minKw[step]!)
        : figured('{device} takes at most {value} kW {when}', device.maxKw[step]!);
    case 'tap':
    case 'capacitor':
      if (kind === 'moves') return sayPlan('{device} has no moves left {when}', common);
      return kind === 'lowest'
        ? sayPlan('{device} stands at the lower end of its range {when}', common)
        : sayPlan('{device} stands at the upper end of its range {when}', common);
  }
}

type Figured = Extract<PlanForm, `{device} ${string}{value} ${string} {when}`>;

/** The place that a limit names, with the corner of the forecast at which it binds. */
function atCorner(limit: Part, scenario: Scenario): Part {
  if (scenario === 'mid') return limit;
  return scenario === 'lowSun'
    ? sayPlan('{limit} with load high', { limit })
    : sayPlan('{limit} with load low and sun high', { limit });
}

function between(values: readonly number[]): Part {
  const [least, most] = [number(Math.min(...values)), number(Math.max(...values))];
  return least === most ? least : sayPlan('{least} to {most}', { least, most });
}

const number = (value: number): string => String(Number(value.toPrecision(5)));
