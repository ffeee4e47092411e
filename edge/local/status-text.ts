import { deviceTrouble } from './device-trouble.ts';
import type { DeviceStatus, GatewayStatus } from './protocol.ts';

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const kw = (value: number | null): string => (value === null ? '-' : `${value.toFixed(1)} kW`);

/** Output of `edge status`: link, clock, backlog, mode, and for each device its value, the limit in force and who set it. */
export function statusLines(status: GatewayStatus): string[] {
  const { cycle, guard } = status;
  return [
    `${status.gateway}  ${status.software}`,
    ...status.lacks.map((lack) => `LACKS    ${lack}`),
    `uplink   ${uplinkWords(status)}, ${status.backlogFrames} frames queued, journal ${status.journalWritable ? 'writable' : 'NOT writable'}`,
    `data     ${budgetWords(status)}`,
    `clock    ${time(status.plantTime)}${status.speed === 1 ? '' : ` at ${status.speed} times real time`}, ${clockWords(status)}`,
    `mode     ${status.mode}${status.stopped ? ', STOPPED' : ''}${status.manual ? ', local manual' : ''}; ${status.rung}${status.plan === null ? '' : `, plan ${status.plan}`}`,
    `cycle    ${cycle.periodMs} ms, ${cycle.count} done, ${cycle.overruns} missed, late ${cycle.lateP99Ms.toFixed(1)} ms at p99`,
    `guard    ${guard.active ? `relieves ${guard.reliefKw.toFixed(0)} kW, last for ${guard.element ?? '-'}` : 'at rest'}`,
    '',
    row(['device', 'link', 'value', 'setpoint', 'limit in force', 'set by', 'why']),
    ...status.elements.map((each) => row(cells(each))),
    ...status.devices.map((each) => row(cells(each))),
    ...causes([...status.elements, ...status.devices]),
    ...(status.alarms.length === 0 ? [] : ['', ...status.alarms.map((alarm) => `ALARM    ${alarm}`)]),
  ];
}

function causes(all: readonly DeviceStatus[]): string[] {
  const lines = all.flatMap((each) =>
    each.link === 'up' || cause(each) === '' ? [] : [`CAUSE    ${each.device}: ${cause(each)}`],
  );
  return lines.length === 0 ? [] : ['', ...lines];
}

/** Output of `edge check` about each device that was read. */
export function checkLines(status: GatewayStatus): string[] {
  return [
    ...status.lacks.map((lack) => `lacks ${lack}`),
    `clock is ${clockWords(status)}`,
    `journal is ${status.journalWritable ? 'writable' : 'NOT writable'}`,
    `uplink is ${uplinkWords(status)}`,
    ...[...status.elements, ...status.devices].map(sentence),
  ];
}

const uplinkWords = ({ link, trouble }: GatewayStatus): string => (trouble === null ? link : `${link}: ${trouble}`);

const budgetWords = ({ dataBudget: { month, usedMb, mbPerMonth, thinning, uses } }: GatewayStatus): string =>
  `${usedMb.toFixed(1)} of ${mbPerMonth} MB in ${month === '' ? 'this month' : month}${thinning > 1 ? `, thinned out by a factor of ${thinning}` : ''}${uses.length === 0 ? '' : `: ${uses.map(({ kind, mb }) => `${kind} ${mb.toFixed(1)}`).join(', ')}`}`;

const clockWords = ({ clock: { quality, offsetMs } }: GatewayStatus): string =>
  `${quality}${offsetMs === 0 ? '' : `, ${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs > 0 ? 'ahead of' : 'behind'} the cloud`}`;

function sentence(status: DeviceStatus): string {
  const { device, link, activePowerKw, voltagePu, socPct, refused, unsent, lastRefusal } = status;
  const counted = [
    ...(refused === 0 ? [] : [`${refused} values refused`]),
    ...(unsent === 0 ? [] : [`${unsent} setpoints not taken`]),
  ].join(', ');
  const why = cause(status);
  if (link !== 'up')
    return `${device} ${link === 'never' ? 'has never reported' : 'is silent'}${counted && `, ${counted}`}${why && `: ${why}`}`;
  const refusal = counted && `; ${counted}${lastRefusal === null ? '' : `, the last: ${deviceTrouble(lastRefusal)}`}`;
  const power =
    activePowerKw === null
      ? 'is up'
      : `${activePowerKw < 0 ? 'feeds in' : 'takes'} ${Math.abs(activePowerKw).toFixed(1)} kW`;
  const more = [
    voltagePu === null ? undefined : `${voltagePu.toFixed(3)} pu`,
    socPct === null ? undefined : `${socPct.toFixed(0)} % charged`,
  ].filter((part) => part !== undefined);
  return `${[`${device} ${power}`, ...more].join(', ')}${refusal}`;
}

function cells(each: DeviceStatus): string[] {
  const envelope =
    each.envelope === null ? '' : ` (${each.envelope.minKw.toFixed(0)}..${each.envelope.maxKw.toFixed(0)})`;
  return [
    each.device,
    each.link,
    kw(each.activePowerKw),
    kw(each.setpointKw),
    `${each.limitedBy ?? 'none'}${envelope}`,
    each.source,
    each.reason,
  ];
}

/** Why a device is silent, with the remedy; empty: unknown. */
const cause = ({ lastRefusal, awaits }: DeviceStatus): string =>
  [lastRefusal === null ? undefined : deviceTrouble(lastRefusal), awaits]
    .filter((part) => part !== undefined)
    .join('; ');

const WIDTHS = [14, 6, 11, 11, 26, 13, 0];
const row = (cells: readonly string[]): string =>
  cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join(' ')
    .trimEnd();
