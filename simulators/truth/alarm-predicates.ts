import { TRANSFORMER } from '../../edge/control/model.ts';
import type { EventParameters } from '../../shared/contracts/event.ts';
import type { EventPhrase } from '../../shared/sentences/event-forms.ts';
import { couldBeRelieved, passedLimits, reliefLeft, unseen, type Passed } from './limits.ts';
import { behind, TAKES_S, type Moment } from './moment.ts';

interface Timed {
  /**
   * After the condition has held this long there must be an alarm, s. Covers the delays of gateway and rule, and the transit to the cloud.
   */
  readonly withinS: number | ((about: string) => number);
  /** An alarm may outlast its condition by this much, s. */
  readonly lingersS: number;
  /** Subjects that require an alarm: devices, elements, feeders or gateways. */
  holds(moment: Moment): readonly string[];
  /** Subjects that may have an alarm. Absent: the same as `holds`. */
  may?(moment: Moment): readonly string[];
  /** The figure that the alarm must show as its `value`. */
  value?(moment: Moment, said: EventParameters): number | undefined;
}

/** What must be true for an alarm of a code: a state of plant and network, a result in a fork of the plant, or a probability. */
export type Predicate =
  | (Timed & { readonly kind: 'state' })
  /** `holds` is necessary. `stands` tests in a fork of the plant whether the alarm's claim is true. */
  | (Timed & { readonly kind: 'counterfactual'; stands(moment: Moment, about: string, said: EventParameters): boolean })
  /** At least `share` of the alarms over all scenarios must come true. `comesTrue` looks ahead in a fork. */
  | {
      readonly kind: 'probability';
      readonly share: number;
      comesTrue(moment: Moment, said: EventParameters): boolean;
    };

const state = (more: Timed): Predicate => ({ kind: 'state', ...more });
/** A condition that only the scenario knows, because neither plant nor network shows it. */
const done = (code: string, times: Pick<Timed, 'withinS' | 'lingersS'>): Predicate =>
  state({ ...times, holds: ({ injected }) => injected.other.get(code) ?? [] });

const HEADS = /^(transformer|feeder-\d+)$/;
/** A broker that is away explains all gateways behind it. */
const lost = ({ linked, gateway, injected }: Moment): string[] =>
  linked || injected.other.get('LS-BROKER-004')?.length === 1 ? [] : [gateway];
const isHead = (device: string): boolean => HEADS.test(device);
const heads = ({ substation }: Moment): string[] =>
  substation.meters.filter(({ kind }) => kind === 'transformer' || kind === 'feeder-head').map(({ device }) => device);
const allSilent = (moment: Moment): boolean => heads(moment).every((each) => moment.injected.silent.includes(each));
const faulty = (moment: Moment, is: (fault: unknown) => boolean): string[] =>
  Object.entries(moment.injected.meters).flatMap(([device, fault]) => (is(fault) ? [device] : []));
const isDark = ({ energised }: Moment['truth']['feeders'][number]): boolean => !energised;
const silentDevices = ({ injected }: Moment): string[] => injected.silent.filter((device) => !isHead(device));
const isBehindDark = (moment: Moment, device: string): boolean =>
  moment.truth.feeders.some((feeder) => isDark(feeder) && behind(moment.substation, feeder.id).includes(device));
/** Whether the flow in a head is too large to be mistaken for zero. */
const carries = ({ truth, substation }: Moment, head: string): boolean =>
  [
    { id: TRANSFORMER, ...truth.transformer },
    ...truth.feeders.map((each) => ({ ...each, id: headOf({ substation }, each.id) })),
  ].some(
    ({ id, activePowerKw, reactivePowerKvar }) => id === head && Math.hypot(activePowerKw, reactivePowerKvar) > 300,
  );
const headOf = ({ substation }: Pick<Moment, 'substation'>, feeder: string): string =>
  feeder.replace(`${substation.id}-`, 'feeder-');

/** Commands to a device, and where the plant shows what it holds. */
const HELD = [
  ['activePowerKw', 'activePowerSetpointKw'],
  ['activePowerLimitKw', 'activePowerLimitKw'],
  ['reactivePowerKvar', 'reactivePowerSetpointKvar'],
] as const;

/** Devices that hold none of their commands, although the command is in force and each had enough time, however often it changes. */
function disobeying({ truth, commands, atS, substation }: Moment): string[] {
  return substation.devices.flatMap(({ id }) => {
    const history = commands.get(id);
    const values = truth.devices.find((each) => each.id === id)?.values;
    if (history === undefined || values === undefined || history.untilS < atS) return [];
    // The last command that has been in force long enough, and those after it.
    const first = history.stood.findLastIndex(({ sinceS }) => atS - sinceS >= TAKES_S);
    if (first < 0) return [];
    const ignores = HELD.some(([key, as]) => {
      const commanded = history.stood.slice(first).flatMap(({ command }) => command[key] ?? []);
      const held = values[as];
      return commanded.length > 0 && held !== undefined && commanded.every((each) => differs(each, held));
    });
    return ignores ? [id] : [];
  });
}

/** Devices that are behind another feeder than the description says. */
const misplaced = ({ spec, substation }: Moment): string[] =>
  substation.devices.flatMap(({ id, feeder }) => {
    const built = spec.devices.find((each) => each.id === id);
    return built === undefined || built.feeder === feeder ? [] : [id];
  });

/** An impedance that is off by this factor is more than a measurement error. */
const OFF = 10;
/** Whether the described lines differ from those that were built. */
const isMisdescribed = ({ spec, substation }: Moment): boolean =>
  substation.network.lines.some(({ id, rOhm }) => {
    const built = spec.network.lines.find((each) => each.id === id);
    return built !== undefined && (rOhm > OFF * built.rOhm || built.rOhm > OFF * rOhm);
  });

/** Lines that are described as open but carry load. */
function wronglyOpen({ truth, substation }: Moment): string[] {
  const carries = new Set(truth.branchIds.filter((_, branch) => truth.loadingPct[branch]! > 0));
  return substation.network.lines.flatMap(({ id, closed }) => (closed === false && carries.has(id) ? [id] : []));
}

const differs = (commanded: number, held: number): boolean =>
  Math.abs(commanded - held) > 0.02 * Math.max(50, Math.abs(commanded));

const passed = (moment: Moment, errors: number): string[] => [
  ...new Set(passedLimits(moment, moment.truth, errors).map(({ about }) => about)),
];

function valueOf(
  { truth, substation }: Moment,
  { element, unit }: { readonly [Key in 'element' | 'unit']: EventParameters[string] | undefined },
): number | undefined {
  if (unit === 'pu') return truth.devices.find(({ id }) => id === element)?.voltagePu;
  const head =
    element === 'transformer'
      ? truth.transformer
      : truth.feeders.find(({ id }) => id.replace(`${substation.id}-`, 'feeder-') === element);
  if (head === undefined || unit === 'kW') return head?.activePowerKw;
  return unit === 'kVA' ? Math.hypot(head.activePowerKw, head.reactivePowerKvar) : undefined;
}

/** A return within this time is not slow, s. */
const SLOW_S = { load: 60, voltage: 30 } as const;
/** Half of a relay's time, with a margin for meter errors. */
const RELAY_SHARE = 0.4;

/** How close the relay of a feeder's head is to its trip; 1: it has tripped. */
function travelled({ plant, truth, substation }: Moment, element: string): number {
  const at = truth.feeders.findIndex(({ id }) => headOf({ substation }, id) === element);
  const [share, tripped] = plant.snapshot().relays[at] ?? [0, false];
  return tripped ? 1 : share;
}

/** Whether a limit stays exceeded for the reason that the alarm gives. */
function cannotCome(moment: Moment, limit: Passed, why: EventPhrase): boolean {
  const isIgnored = moment.injected.silent.length > 0 || disobeying(moment).length > 0 || misplaced(moment).length > 0;
  switch (why) {
    case 'no device can relieve it further':
      return !couldBeRelieved(moment, limit) && reliefLeft(moment, limit) <= unseen(limit);
    case 'no device can relieve it further without passing another limit':
      return !couldBeRelieved(moment, limit);
    case 'it comes back too slowly':
      return moment.pastS(limit) >= (limit.quantity === 'pu' ? SLOW_S.voltage : SLOW_S.load);
    case 'half of the time of its relay is over':
      return travelled(moment, limit.element) >= RELAY_SHARE;
    case 'what its batteries have left is kept for when a relay would trip':
      return reliefLeft(moment, limit) > 0;
    case 'the relief that was asked for does not come':
    case 'devices that could relieve it do not follow':
    case 'devices that could relieve it were found not to do so':
      return isIgnored;
    default:
      return false;
  }
}

/** Whether any limit is exceeded within an hour of the time that the alarm names, if nothing changes. */
function passedAhead(moment: Moment, { time }: EventParameters): boolean {
  const { plant, substation } = moment;
  const at = Date.parse(String(time));
  if (Number.isNaN(at)) return false;
  const fork = plant.fork();
  while (fork.timeMs < at + 3_600_000 && !fork.ended) {
    fork.step(300);
    if (fork.timeMs < at - 3_600_000) continue;
    const truth = fork.truth();
    const bus = truth.voltagePu.some(
      (pu) => pu > 0 && (pu < substation.limits.vMinPu || pu > substation.limits.vMaxPu),
    );
    if (bus || passedLimits({ substation }, truth).length > 0 || truth.loadingPct.some((pct) => pct > 100)) return true;
  }
  return false;
}

const probable: Predicate = {
  kind: 'probability',
  share: 0.5,
  comesTrue: passedAhead,
};

/** One predicate per code of the rule book. */
export const alarmPredicates: Readonly<Record<string, Predicate>> = {
  'LS-GATEWAY-001': state({
    withinS: 45,
    lingersS: 30,
    // An alarm that cannot be written is raised once it can.
    holds: (moment) => (moment.injected.readOnly ? [] : lost(moment)),
    may: lost,
  }),
  'LS-GATEWAY-002': state({
    withinS: 180,
    lingersS: 240,
    holds: ({ injected, gateway }) => (injected.starved ? [gateway] : []),
  }),
  'LS-STORE-001': state({
    withinS: 60,
    lingersS: 60,
    holds: ({ injected }) => (injected.storeDown ? ['cloud'] : []),
    // The ledger is in the same place as the store.
    may: ({ injected }) => (injected.storeDown || injected.readOnly ? ['cloud'] : []),
  }),
  'LS-AUDIT-002': done('LS-AUDIT-002', { withinS: 10, lingersS: 10 }),
  'LS-BROKER-004': done('LS-BROKER-004', { withinS: 15, lingersS: 5 }),
  // A node may come back within 30 s, checked every 5 s; the alarm has a delay of 60 s.
  'LS-NODE-004': done('LS-NODE-004', { withinS: 105, lingersS: 15 }),
  'LS-NODE-005': done('LS-NODE-005', { withinS: 10, lingersS: 10 }),
  // It ends with the first health report after a minute.
  'LS-DOC-011': done('LS-DOC-011', { withinS: 10, lingersS: 65 }),
  'LS-BUDGET-001': done('LS-BUDGET-001', { withinS: 10, lingersS: 15 }),
  'LS-BUDGET-002': done('LS-BUDGET-002', { withinS: 10, lingersS: 15 }),
  'LS-BUDGET-003': done('LS-BUDGET-003', { withinS: 10, lingersS: 15 }),
  'LS-BUDGET-004': done('LS-BUDGET-004', { withinS: 10, lingersS: 15 }),
  'LS-INGEST-020': done('LS-INGEST-020', { withinS: 15, lingersS: 15 }),
  'LS-JOURNAL-001': done('LS-JOURNAL-001', { withinS: 60, lingersS: 0 }),
  'LS-PKI-008': done('LS-PKI-008', { withinS: 5, lingersS: 0 }),
  'LS-CONTROL-003': state({
    withinS: 180,
    lingersS: 90,
    // A dark feeder explains the devices behind it.
    holds: (moment) => silentDevices(moment).filter((device) => !isBehindDark(moment, device)),
    may: silentDevices,
  }),
  'LS-CONTROL-004': {
    kind: 'counterfactual',
    withinS: 180,
    // Off-delays of 70 s, plus the reading interval of a device.
    lingersS: 80,
    holds: (moment) => passed(moment, 1),
    may: (moment) => passed(moment, -1),
    stands: (moment, about, { why, element, value, bound }) => {
      const side = Number(value) > Number(bound) ? 'high' : 'low';
      const ofSide = passedLimits(moment, moment.truth, -1).filter(
        (each) => each.about === about && each.side === side,
      );
      const limit = ofSide.find((each) => each.element === element) ?? ofSide[0];
      return limit !== undefined && cannotCome(moment, limit, why as EventPhrase);
    },
    value: (moment, { element, unit }) => valueOf(moment, { element, unit }),
  },
  'LS-CONTROL-005': state({ withinS: 180, lingersS: 60, holds: disobeying }),
  'LS-CONTROL-006': state({
    withinS: 60,
    lingersS: 60,
    holds: ({ unheardS, gateway }) => (unheardS > 120 ? [gateway] : []),
  }),
  /** A finding of the guard about a lever stands for an hour. */
  'LS-CONTROL-011': state({
    withinS: Infinity,
    lingersS: 3600,
    holds: () => [],
    may: (moment) => [...disobeying(moment), ...misplaced(moment), ...faulty(moment, (fault) => fault === 'reversed')],
  }),
  'LS-METER-001': state({
    // The gateway checks the transformer's meter itself. The cloud checks feeder meters and has an hour.
    withinS: (about) => (about === TRANSFORMER ? 900 : 3600),
    lingersS: 420,
    holds: (moment) => faulty(moment, (fault) => fault === 'dead'),
  }),
  'LS-METER-002': state({
    withinS: 4 * 3600,
    lingersS: 4 * 3600,
    holds: (moment) => faulty(moment, (fault) => fault === 'reversed'),
  }),
  'LS-METER-003': state({
    withinS: 60,
    lingersS: 60,
    holds: (moment) => moment.injected.silent.filter(isHead),
  }),
  'LS-METER-004': state({
    withinS: 6 * 3600,
    lingersS: 3600,
    holds: (moment) => faulty(moment, (fault) => typeof fault === 'object'),
  }),
  'LS-METER-005': state({ withinS: 11 * 3600, lingersS: 12 * 3600, holds: wronglyOpen }),
  'LS-METER-007': state({
    withinS: 60,
    lingersS: 90,
    holds: (moment) => faulty(moment, (fault) => fault === 'fuse').filter((head) => carries(moment, head)),
    may: (moment) => faulty(moment, (fault) => fault === 'fuse'),
  }),
  'LS-METER-006': state({
    withinS: 60,
    lingersS: 90,
    holds: (moment) => (allSilent(moment) ? [moment.gateway] : []),
  }),
  'LS-FEEDER-001': state({
    withinS: 60,
    lingersS: 60,
    holds: (moment) => moment.truth.feeders.filter(isDark).map(({ id }) => headOf(moment, id)),
  }),
  'LS-OPT-001': probable,
  'LS-OPT-002': done('LS-OPT-002', { withinS: 240, lingersS: 150 }),
  'LS-OPT-004': state({
    withinS: 240,
    lingersS: 150,
    holds: (moment) => (isMisdescribed(moment) ? [moment.substation.id] : []),
    may: (moment) =>
      isMisdescribed(moment) || Object.keys(moment.injected.meters).length > 0 ? [moment.substation.id] : [],
  }),
  'LS-OPT-006': done('LS-OPT-006', { withinS: 240, lingersS: 150 }),
  'LS-PREDICT-001': probable,
  'LS-PREDICT-002': probable,
};
