import type { Conflict } from '../../shared/contracts/plan.ts';
import type { ConflictMember } from './conflict.ts';
import { nameRow, type LimitRow } from './elements.ts';
import type { Optimised } from './optimise.ts';
import type { DispatchDevice } from './problem.ts';
import { timeOf } from './step-time.ts';

const MAX_MEMBERS = 60;

/** A conflict in plain words: what cannot be kept, because of what. */
export function conflictInWords(optimised: Optimised, members: readonly ConflictMember[]): Conflict {
  const limits = members.flatMap((member) => (member.kind === 'limit' ? [member.row] : []));
  const [first, ...others] = limits.map((row) => (verb: Verb) => limitText(optimised, row, verb));
  const causes = members.flatMap((member) => (member.kind === 'device' ? [deviceText(optimised, member)] : []));
  const beside = others.length === 0 ? '' : ` while ${listed(others.map((text) => text('stays')))}`;
  const why = causes.length === 0 ? 'no planned device acts on it' : listed(causes);
  const text = `${first?.('cannot stay') ?? 'Nothing fits'}${beside}, because ${why}.`;
  return {
    text: text.length <= 600 ? text : `${text.slice(0, 597)}...`,
    members: members.slice(0, MAX_MEMBERS).map((member) => named(optimised, member)),
  };
}

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
  return { kind, element, fromStep: step, toStep: step, text: limitText(optimised, member.row, 'stays') };
}

type Verb = 'stays' | 'cannot stay';

function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;
}

function limitText({ layout, best }: Optimised, row: LimitRow, verb: Verb): string {
  const { element, constraint, limit, unit } = nameRow(layout, best, row);
  const corner = constraint.includes(' with ') ? constraint.slice(constraint.indexOf(' with ')) : '';
  const when = `${corner} at ${timeOf(layout, row.step)}`;
  const size = number(Math.abs(limit));
  switch (row.kind) {
    case 'voltage':
      return `${element} ${verb} ${row.side === 'max' ? 'below' : 'above'} ${size} pu${when}`;
    case 'flow':
      return `${element} ${verb} within its rating of ${size} ${unit}${when}`;
    case 'source':
      return `${element} ${verb} within ${size} kW of ${row.side === 'imported' ? 'import' : 'export'}${when}`;
  }
}

function deviceText(
  { layout }: Optimised,
  { fact, fromStep, toStep }: Extract<ConflictMember, { kind: 'device' }>,
): string {
  const device = layout.problem.devices[fact.device]!;
  const from = timeOf(layout, fromStep);
  const when = toStep === fromStep ? ` at ${from}` : ` from ${from} to ${timeOf(layout, toStep)}`;
  return `${device.id} ${stateText(device, fact.kind, fromStep)}${when}`;
}

function stateText(device: DispatchDevice, kind: string, step: number): string {
  const q = 'maxReactiveKvar' in device ? number(device.maxReactiveKvar) : '0';
  switch (kind) {
    case 'reactive least':
      return `feeds in at most ${q} kvar`;
    case 'reactive most':
      return `absorbs at most ${q} kvar`;
    case 'inverter':
      return 'is at the rating of its inverter';
  }
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
          return `is empty (${number(100 * device.socMin)} %)`;
        default:
          return `is full (${number(100 * device.socMax)} %)`;
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
      return `stands at the ${kind === 'lowest' ? 'lower' : 'upper'} end of its range`;
  }
}

const number = (value: number): string => String(Number(value.toPrecision(5)));
