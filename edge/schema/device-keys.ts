import { Type } from 'typebox';
import { Authority, DeviceType, Id } from '../../shared/contracts/ids.ts';
import { Band, closed, magnitude, optional, PowerMagnitudes } from './parts.ts';
import { setpointMetrics } from './setpoints.ts';

/** Keys of every device, whatever its protocol. */
export const deviceKeys = {
  id: Id,
  type: DeviceType,
  name: optional(Type.String({ maxLength: 120, description: 'display name' })),
  feeder: optional(Type.String({ description: 'id of the guarded feeder head that the device lies behind' })),
  connectionPoint: optional(
    Type.Object(
      {
        id: Id,
        contract: optional(PowerMagnitudes('contracted limits of the customer')),
        floorKw: optional(magnitude('the customer is never limited below this, kW')),
        authority: optional(Authority),
      },
      {
        ...closed,
        description:
          'where the customer meets the grid, and what may be commanded there; devices with the same id share its contract, and a meter with that id is the meter of the customer',
      },
    ),
  ),
  ratings: Type.Object(
    {
      activePowerKw: optional(
        magnitude('rated active power in the direction of the device (feed-in of PV, consumption of a load), kW'),
      ),
      apparentPowerKva: optional(magnitude('rated apparent power of the inverter, kVA')),
      maxReactiveKvar: optional(magnitude('maximum reactive power in either direction, kvar')),
      steps: optional(Type.Integer({ minimum: 1, maximum: 100, description: 'number of steps of a capacitor bank' })),
      chargeKw: optional(magnitude('maximum charging power of a battery, kW')),
      dischargeKw: optional(magnitude('maximum discharging power of a battery, kW')),
      capacityKwh: optional(magnitude('energy capacity from 0 to 100 %, kWh')),
      socPct: Type.Tuple([Type.Number({ minimum: 0, maximum: 100 }), Type.Number({ minimum: 0, maximum: 100 })], {
        default: [10, 95],
        description: 'range of the state of charge in which the battery is used, %',
      }),
      efficiency: optional(Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'one-way efficiency' })),
      rampKwPerS: optional(magnitude('ramp limit of changes that add load or feed-in, kW/s; absent: none')),
      minOnS: optional(Type.Number({ minimum: 0, maximum: 86_400, description: 'minimum time on, s' })),
      minOffS: optional(Type.Number({ minimum: 0, maximum: 86_400, description: 'minimum time off, s' })),
      minimumRunKw: optional(magnitude('least power at which it runs, kW; required with minOnS and minOffS')),
      minimumKwPerSession: optional(magnitude('minimum charging power of an EV session, kW')),
    },
    { ...closed, default: {}, description: 'capability of the device; never exceeded, whatever is commanded' },
  ),
  limits: optional(
    Type.Object(
      { voltagePu: optional(Band('voltage band at the terminal, [lowest, highest], pu')) },
      { ...closed, description: 'limits that the guard keeps at the terminal of the device' },
    ),
  ),
  safeDefault: optional(
    Type.Object(
      {
        activePowerKw: optional(Type.Number({ description: setpointMetrics.activePowerKw })),
        reactivePowerKvar: optional(Type.Number({ description: setpointMetrics.reactivePowerKvar })),
        activePowerLimitKw: optional(magnitude(setpointMetrics.activePowerLimitKw)),
        voltageTargetPu: optional(Type.Number({ description: setpointMetrics.voltageTargetPu })),
        capacitorStep: optional(Type.Integer({ minimum: 0, description: setpointMetrics.capacitorStep })),
      },
      {
        ...closed,
        description: 'setpoint to which the device reverts by itself, and which is assumed while it is silent',
      },
    ),
  ),
};
