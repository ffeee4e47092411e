import { fitText } from '../../../shared/contracts/fit-text.ts';
import type { Conflict } from '../../../shared/contracts/plan.ts';
import type { Collapse } from '../search/collapse.ts';
import type { ConflictMember } from './conflict.ts';
import type { FactKind } from '../problem/device-facts.ts';
import type { LimitRow } from '../search/constraints/constraint.ts';
import { constraintOf } from '../search/constraints/table.ts';
import { cornerWords, nameRow } from '../search/elements.ts';
import type { Layout } from '../problem/layout.ts';
import type { Optimised } from '../search/optimise.ts';
import type { DispatchDevice } from '../problem/problem.ts';
import { timeOf } from '../problem/step-time.ts';

const MAX_MEMBERS = 60;
const MAX_TEXT = 600;

/** A conflict in plain words: what cannot be kept, because of what. */
export function conflictInWords(optimised: Optimised, members: readonly ConflictMember[]): Conflict {
  const limits = members.flatMap((member) => (member.kind === 'limit' ? [member.row] : []));
  const [first, ...others] = alike(optimised, limits).map((rows) => (verb: Verb) => limitText(optimised, rows, verb));
  const causes = causesOf(optimised, members);
  const beside = others.length === 0 ? '' : ` while ${listed(others.map((text) => text('stays')))}`;
  const why = causes.length === 0 ? 'no planned device acts on it' : listed(causes);
  const text = `${first?.('cannot stay') ?? 'Nothing fits'}${beside}, because ${why}.`;
  return {
    text: fitText(text, MAX_TEXT),
    members: members.slice(0, MAX_MEMBERS).map((member) => named(optimised, member)),
  };
}

/** Where the network has no power flow, in words. */
export const withoutPowerFlow = (layout: Layout, { bus, step, share }: Collapse): string =>
  `bus ${bus} has no power flow at ${timeOf(layout, step)} at more than ${Math.floor(100 * share)} % of the load`;

/** A collapse as a conflict: supplying all of the load there cannot hold with what the devices can give. */
export function collapseInWords(layout: Layout, collapse: Collapse): Conflict {
  const { bus, step } = collapse;
  const text = withoutPowerFlow(layout, collapse);
  return {
    text: `${text}, with all that the devices were found to give.`,
    members: [{ kind: 'limit', element: bus, fromStep: step, toStep: step, text }],
  };
}

/** One device with its figures; several that stand alike in one phrase. */
function causesOf(optimised: Optimised, members: readonly ConflictMember[]): string[] {
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
    return `${listed(ids)} ${together[first.fact.kind]}${whenOf(optimised, first)}`;
  });
}

const together: Readonly<Record<FactKind, string>> = {
  available: 'get no more sun',
  curtailed: 'are curtailed to nothing',
  'reactive least': 'can feed in no more reactive power',
  'reactive most': 'can absorb no more reactive power',
  charging: 'can charge no faster',
  discharging: 'can discharge no faster',
  empty: 'are empty',
  full: 'are full',
  floor: 'stand at their floors',
  most: 'take all that they can',
  energy: 'have all their energy',
  owed: 'can shift no more',
  lowest: 'stand at the lower end of their range',
  highest: 'stand at the upper end of their range',
  moves: 'may move no more',
  inverter: 'are at the rating of their inverters',
};

type DeviceMember = Extract<ConflictMember, { kind: 'device' }>;

function named(optimised: Optimised, member: ConflictMember): Conflict['members'][number] {
  const { layout, best } = optimised;
  const { kind } = member;
  if (kind === 'device') {
    const { fromStep, toStep, fact } = member;
    const text = deviceText(optimised, member);
    return { kind, element: layout.problem.devices[fact.device]!.id, fromStep, toStep, text };
  }
  const { step } = member.row;
  const { element } = nameRow(layout, best, member.row);
  return { kind, element, fromStep: step, toStep: step, text: limitText(optimised, [member.row], 'stays') };
}

type Verb = 'stays' | 'cannot stay';

function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;
}

/** Rows that are one limit at several times, by time. */
function alike({ layout, best }: Optimised, rows: readonly LimitRow[]): LimitRow[][] {
  const groups = Map.groupBy(rows, (row) => {
    const { element, constraint } = nameRow(layout, best, row);
    return `${row.kind} ${element} ${constraint}`;
  });
  return [...groups.values()].map((group) => group.toSorted((a, b) => a.step - b.step));
}

function limitText(optimised: Optimised, rows: readonly LimitRow[], verb: Verb): string {
  const { layout } = optimised;
  const row = rows[0]!;
  const constraint = constraintOf(row);
  const size = between(rows.map((each) => Math.abs(nameRow(layout, optimised.best, each).limit)));
  const [subject, place] = constraint.words(layout, row, size);
  const when = whenOf(optimised, { fromStep: row.step, toStep: rows.at(-1)!.step });
  return `${subject} ${verb} ${place}${cornerWords(layout.scenarios[row.scenario]!)}${when}`;
}

function whenOf(
  { layout }: Pick<Optimised, 'layout'>,
  { fromStep, toStep }: Pick<DeviceMember, 'fromStep' | 'toStep'>,
): string {
  const from = timeOf(layout, fromStep);
  return toStep === fromStep ? ` at ${from}` : ` from ${from} to ${timeOf(layout, toStep)}`;
}

function deviceText(optimised: Optimised, member: DeviceMember): string {
  const device = optimised.layout.problem.devices[member.fact.device]!;
  return `${device.id} ${stateText(device, member.fact.kind, member.fromStep)}${whenOf(optimised, member)}`;
}

function stateText(device: DispatchDevice, kind: FactKind, step: number): string {
  const q = 'maxReactiveKvar' in device ? number(device.maxReactiveKvar) : '0';
  if (kind === 'reactive least') return `feeds in at most ${q} kvar`;
  if (kind === 'reactive most') return `absorbs at most ${q} kvar`;
  if (kind === 'inverter') return 'is at the rating of its inverter';
  switch (device.kind) {
    case 'pv':
      return kind === 'curtailed'
        ? 'is curtailed to nothing'
        : `gets no more sun than for ${number(device.availableKw[step]!)} kW`;
    case 'storage':
      switch (kind) {
        case 'charging':
          return `charges at most ${number(device.chargeKw)} kW`;
        case 'discharging':
          return `discharges at most ${number(device.dischargeKw)} kW`;
        case 'empty':
          return `may not be emptied below ${number(100 * device.socMin)} %`;
        default:
          return `may not be charged above ${number(100 * device.socMax)} %`;
      }
    case 'ev':
      if (kind === 'energy') return 'has given its sessions all their energy';
      return kind === 'floor'
        ? `may not be held below ${number(device.minKw[step]!)} kW`
        : `takes at most ${number(device.maxKw[step]!)} kW`;
    case 'flexible':
      if (kind === 'owed') return `shifts at most ${number(device.bufferKwh)} kWh`;
      return kind === 'floor'
        ? `sheds no further than ${number(device.minKw[step]!)} kW`
        : `takes at most ${number(device.maxKw[step]!)} kW`;
    case 'tap':
    case 'capacitor':
      return kind === 'moves'
        ? 'has no moves left'
        : `stands at the ${kind === 'lowest' ? 'lower' : 'upper'} end of its range`;
  }
}

function between(values: readonly number[]): string {
  const [least, most] = [number(Math.min(...values)), number(Math.max(...values))];
  return least === most ? least : `${least} to ${most}`;
}

const number = (value: number): string => String(Number(value.toPrecision(5)));
