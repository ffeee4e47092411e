import { Type, type TObject, type TOptional, type TProperties } from 'typebox';
import { metrics, type Metric } from '../../shared/contracts/frame.ts';
import { closed, optional } from './parts.ts';

/** What can be commanded of a device. */
export const setpointMetrics = {
  activePowerKw: 'active power, positive is consumption',
  reactivePowerKvar: 'reactive power, positive is absorbed',
  activePowerLimitKw: 'limit of active power in the direction of the device, a magnitude',
  voltageTargetPu: 'voltage target of the tap changer controller',
  capacitorStep: 'capacitor steps to switch in',
} as const;
export type SetpointMetric = keyof typeof setpointMetrics;

/** The metric in which a device reads back each setpoint. */
export const readbacks = {
  activePowerKw: 'activePowerSetpointKw',
  reactivePowerKvar: 'reactivePowerSetpointKvar',
  activePowerLimitKw: 'activePowerLimitKw',
  voltageTargetPu: 'voltageTargetPu',
  capacitorStep: 'capacitorStep',
} as const satisfies Record<SetpointMetric, Metric>;

/** How often a setpoint is written, and how long the device keeps it. */
export const timing = {
  keepAliveS: Type.Number({ default: 10, minimum: 0.1, description: 'the setpoint is repeated this often, s' }),
  revertAfterS: Type.Number({
    default: 60,
    minimum: 1,
    description: 'the device reverts by itself after this long without a setpoint, s',
  }),
  minIntervalS: Type.Number({
    default: 0,
    minimum: 0,
    description: 'least time between two changes, s; an unchanged setpoint is repeated each keepAliveS',
  }),
  deadbandPct: Type.Number({
    default: 0,
    minimum: 0,
    maximum: 20,
    description: 'smaller changes wait for the next keep-alive, % of the rating',
  }),
};

/** An optional setpoint per metric, all with the same keys. */
export const ofEachSetpoint = <Keys extends TProperties>(keys: Keys) =>
  Object.fromEntries(
    Object.entries(setpointMetrics).map(([metric, meaning]) => [
      metric,
      optional(Type.Object(keys, { ...closed, description: meaning })),
    ]),
  ) as Record<SetpointMetric, TOptional<TObject<Keys>>>;

/** An optional reading per metric, all with the same keys. */
export const ofEachMetric = <Keys extends TProperties>(keys: Keys) =>
  Object.fromEntries(
    Object.entries(metrics).map(([metric, meaning]) => [
      metric,
      optional(Type.Object(keys, { ...closed, description: meaning })),
    ]),
  ) as Record<Metric, TOptional<TObject<Keys>>>;
