import type { RegionSubstation } from '../../shared/contracts/region.ts';
import type { Differences } from '../plant/spec.ts';
import type { SubstationId } from '../data/names.ts';
import { breaker, cloud, deaf, link, meter, METERS, outage, silent, spike, starved, store, type Act } from './acts.ts';
import {
  badUsersFile,
  brokerEnded,
  floodOfReports,
  impossibleNumber,
  inventedDevices,
  inventedGaps,
  inventedRuns,
  solverFails,
  stopUnwritten,
  unreadJournal,
  withoutJobNode,
  workGivenUp,
} from './troubles.ts';

export interface AlarmScenario {
  readonly name: string;
  readonly substation: SubstationId;
  /** Hour of 2021-09-25 UTC at which the scenario starts. */
  readonly hour: number;
  readonly lastsS: number;
  /** Includes the eight weeks before. Default: no history. */
  readonly history?: boolean;
  /** Number of a feeder without devices. */
  readonly bare?: number;
  /** Differences of the plant from its description. */
  readonly differs?: Differences;
  /** Limits that replace the substation's own. */
  readonly limits?: Partial<RegionSubstation['limits']>;
  /** A device that the description places beside another one; the plant has it elsewhere. */
  readonly misplaced?: { readonly device: string; readonly beside: string };
  /** A line whose impedance was entered in milliohms instead of ohms. */
  readonly milliohms?: string;
  /** Also runs what the cloud's process watches around its owner. */
  readonly around?: boolean;
  /** Default: 900 */
  readonly dispatchEveryS?: number;
  readonly acts: readonly Act[];
}

const owd = (name: string, hour: number, lastsS: number, ...acts: Act[]): AlarmScenario => ({
  name,
  substation: 'owd',
  hour,
  lastsS,
  acts,
});

/** Scenarios of minutes in the whole system, each with one thing going wrong. */
export const alarmScenarios: readonly AlarmScenario[] = [
  { ...owd('night', 0, 720), history: true },
  { ...owd('noon', 11, 720), history: true },
  { ...owd('spike that the guard clears', 17, 480, spike(180, 1, 0.5, 60)), substation: 'hfdp' },
  { ...owd('spike that doubles a feeder', 0, 540, spike(240, 2, 1, 120)), substation: 'hfdp', history: true },
  owd('spike of 30 %', 17, 480, spike(180, 2, 0.3, 60)),
  owd('spike that it cannot clear', 17, 480, spike(180, 2, 2, 120)),
  owd('starved gateway', 12, 600, starved(180, true), starved(420, false)),
  owd('dead meter', 17, 960, meter(120, 'transformer', 'dead')),
  owd(
    'reversed transformer, moving load',
    12,
    300,
    meter(60, 'transformer', 'reversed'),
    spike(100, 2, 0.4, 40),
    spike(180, 1, 1, 40),
  ),
  owd('dark feeder', 12, 600, breaker(180, 1, false), breaker(420, 1, true)),
  owd('dark feeder, everything behind it without power', 12, 600, ...outage(1, { atS: 180, untilS: 420 })),
  { ...owd('dark feeder without devices', 12, 420, ...outage(2, { atS: 180, untilS: 300 })), bare: 2 },
  owd('lost link', 13, 720, link(180, true), link(420, false)),
  owd('lost cloud', 13, 720, cloud(180, true), cloud(420, false)),
  owd('silent devices', 14, 600, silent(180, ['battery-1', 'ev-1']), silent(480, [])),
  owd('device that ignores commands', 14, 840, deaf(180, ['battery-1']), deaf(600, [])),
  owd('silent meter, then silent site', 14, 660, silent(180, ['feeder-2']), silent(300, METERS), silent(480, [])),
  owd('store down', 14, 540, store(180, true), store(360, false)),
  {
    ...owd(
      'troubles of the cloud',
      3,
      600,
      ...badUsersFile(60, 150),
      ...withoutJobNode(60, 240),
      ...workGivenUp(160, 250),
      ...stopUnwritten(260, 320),
      link(280, true),
      link(390, false),
      brokerEnded(420),
    ),
    around: true,
  },
  {
    ...owd('solver that fails', 3, 960, ...solverFails('throws', 1, 420), ...solverFails('aborts', 421, 780)),
    dispatchEveryS: 120,
  },
  owd(
    'another client uses the id of the gateway',
    3,
    600,
    ...floodOfReports(60),
    ...inventedRuns(90),
    ...inventedDevices(180),
    ...impossibleNumber(210),
    ...inventedGaps(300),
  ),
  owd(
    'blown voltage fuse, and an unreadable journal',
    3,
    600,
    ...unreadJournal(60, 75),
    meter(120, 'transformer', { offsetPu: 0.7 }),
    meter(240, 'transformer', undefined),
    meter(200, 'feeder-1', 'fuse'),
    meter(420, 'feeder-1', undefined),
  ),
  owd(
    'load that slowly exceeds a limit',
    17,
    600,
    ...[150, 190, 230, 270, 310].map((atS) => spike(atS, 2, atS === 150 ? 0.19 : 0.04, 500 - atS)),
  ),
  { ...owd('evening that exceeds a limit', 15, 780), substation: 'hfdp', history: true, limits: { importKw: 4600 } },
  {
    ...owd('evening that exceeds a limit, beyond the plan', 12, 780),
    substation: 'hfdp',
    history: true,
    limits: { importKw: 4600 },
  },
  {
    ...owd('battery behind another feeder', 17, 300, spike(120, 2, 0.31, 90)),
    misplaced: { device: 'battery-2', beside: 'flex-1' },
  },
  { ...owd('wrong network model', 3, 300), milliohms: 'owd-2-l1', dispatchEveryS: 120 },
];

/** Codes that no scenario of minutes can show. */
export const foundSlowly: readonly string[] = ['LS-METER-005'];

/** Scenarios of hours for the soak test: slow findings and long-term effects. */
export const longAlarmScenarios: readonly AlarmScenario[] = [
  { ...owd('a day', 0, 86_400), history: true },
  { ...owd('dead head', 9, 5400, meter(300, 'feeder-2', 'dead')), history: true },
  { ...owd('reversed transformer', 9, 6 * 3600, meter(300, 'transformer', 'reversed')), history: true },
  { ...owd('meter out of scale', 9, 12 * 3600, meter(300, 'feeder-2', { factor: 1.5 })), history: true },
  {
    ...owd('tie closed without a report', 6, 12 * 3600),
    history: true,
    differs: { exchange: { open: 'owd-1-l7', close: 'owd-1-l33' } },
  },
  owd('dark for hours', 12, 3 * 3600, breaker(300, 1, false)),
  owd('cloud lost for hours', 12, 4 * 3600, cloud(300, true), cloud(3 * 3600, false)),
];
