import type { Source } from '../config/reads.ts';
import type { DeviceConfig } from '../config/device.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { TRANSFORMER } from '../control/model.ts';
import { modeOf, type ControlState } from '../control/state.ts';
import type { Driver } from '../drivers/driver.ts';
import { protocolOf } from '../drivers/table.ts';
import type { DeviceStatus, GatewayStatus } from '../local/protocol.ts';
import type { JournalState } from '../uplink/channel.ts';
import type { Cycle } from './cycle.ts';
import type { LoopFigures } from './loop.ts';

export interface StatusInput {
  readonly config: GatewayConfig;
  readonly cycle: Cycle;
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly loop: LoopFigures;
  readonly journal: JournalState;
  readonly connected: boolean;
  readonly trouble: string | null;
  readonly lacks: readonly string[];
  readonly plantTime: number;
  readonly speed: number;
  readonly software: string;
}

/** What `edge status` prints. */
export function statusOf(input: StatusInput): GatewayStatus {
  const { config, cycle } = input;
  const { state, result } = cycle;
  return {
    gateway: config.gateway.id,
    software: input.software,
    lacks: input.lacks,
    plantTime: input.plantTime,
    clock: cycle.clock,
    speed: input.speed,
    link: input.connected ? 'up' : 'down',
    trouble: input.connected ? null : input.trouble,
    mode: state.mode,
    stopped: state.stopped.gateway,
    manual: state.manual.some(({ device }) => device === null),
    rung: result?.rung ?? 'fail-safe',
    plan: cycle.plan?.body.id ?? null,
    backlogFrames: input.journal.backlogFrames,
    journalWritable: input.journal.writable,
    dataBudget: cycle.dataBudget,
    cycle: input.loop,
    guard: {
      active: result?.guardActive ?? false,
      reliefKw: result?.reliefKw ?? 0,
      element: cycle.guardElement,
    },
    elements: config.guarded.map(({ id, meter }) => ({ ...elementStatus(id, input), ...awaited(meter, config) })),
    devices: config.devices.map((device) => ({ ...deviceStatus(device, input), ...awaited(device, config) })),
    alarms: cycle.alarms().map(({ code, text }) => `${code} ${text}`),
  };
}

/** A device that is not polled must come by itself. */
function awaited(source: Source, { localBroker }: GatewayConfig): Pick<DeviceStatus, 'awaits'> {
  const served = protocolOf(source);
  const [topic] = served.topics?.(source).publish ?? [];
  const user = 'user' in source && source.user !== undefined ? ` as user "${source.user}"` : '';
  if (topic !== undefined) return { awaits: `it must connect to ${localBroker.listen}${user} and publish on ${topic}` };
  const chargers = served.userFile?.(source);
  return chargers === undefined
    ? {}
    : { awaits: `${chargers.users.join(', ')} must connect to ws://${chargers.listen}/ followed by its identity` };
}

const linkOf = (fresh: boolean | undefined, lastSeen: number | null | undefined): DeviceStatus['link'] => {
  if (fresh === true) return 'up';
  return lastSeen === null || lastSeen === undefined ? 'never' : 'stale';
};

function elementStatus(id: string, { cycle, drivers }: StatusInput): DeviceStatus {
  const image = cycle.result?.image.elements.get(id);
  const bounds = cycle.result?.interventions.find(({ element }) => element === id);
  const finding = cycle.result?.liars[id];
  return {
    device: id,
    type: 'guarded',
    link: linkOf(image?.fresh, image?.lastSeen),
    activePowerKw: image?.activePowerKw ?? null,
    voltagePu: image?.voltagePu ?? null,
    socPct: null,
    setpointKw: null,
    limitedBy: bounds === undefined ? null : bounds.limit,
    source: 'none',
    reason: [bounds === undefined ? '' : 'past its limit', id === TRANSFORMER ? warmth(cycle) : '']
      .filter((part) => part !== '')
      .join('; '),
    envelope: null,
    ...counters(drivers.get(id)),
    ...(finding === undefined ? {} : { finding }),
  };
}

function warmth({ result }: Cycle): string {
  const thermal = result?.thermal ?? null;
  return thermal === null ? '' : `hot spot ${thermal.hotSpotC.toFixed(0)} C, up to ${thermal.maxKva.toFixed(0)} kVA`;
}

function deviceStatus(config: DeviceConfig, { cycle, drivers }: StatusInput): DeviceStatus {
  const { id, type } = config;
  const bar = barOf(config, cycle.state);
  const image = cycle.result?.image.devices.get(id);
  const decision = cycle.result?.decisions.find(({ device }) => device === id);
  return {
    device: id,
    type,
    link: linkOf(image?.fresh, image?.lastSeen),
    activePowerKw: image?.activePowerKw ?? null,
    voltagePu: image?.voltagePu ?? null,
    socPct: image?.socPct ?? null,
    setpointKw: decision?.kw ?? null,
    limitedBy: decision?.limitedBy ?? null,
    source: decision?.source ?? 'none',
    reason: decision?.reason ?? '',
    envelope: decision?.envelope ?? null,
    ...(bar === undefined ? {} : { bar }),
    ...counters(drivers.get(id)),
  };
}

function barOf(
  { id, feeder, connectionPoint }: DeviceConfig,
  { tagged, stopped, ...modes }: ControlState,
): DeviceStatus['bar'] {
  if (tagged.includes(id)) return 'tagged';
  if (connectionPoint?.authority === 'none') return 'no-authority';
  if (stopped.gateway || stopped.devices.includes(id)) return 'stopped';
  return modeOf(modes, feeder ?? null) === 'monitor' ? 'monitor' : undefined;
}

const counters = (driver: Driver | undefined): Pick<DeviceStatus, 'refused' | 'unsent' | 'lastRefusal'> => ({
  refused: driver?.counters().refused ?? 0,
  unsent: driver?.counters().unsent ?? 0,
  lastRefusal: driver?.counters().lastRefusal ?? null,
});
