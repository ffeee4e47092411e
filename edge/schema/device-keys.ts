import { Type } from 'typebox';
import { Authority, DeviceType, Id } from '../../shared/contracts/ids.ts';
import { Band, closed, magnitude, optional, PowerMagnitudes } from './parts.ts';
import { setpointMetrics } from './setpoints.ts';

/** Keys of every device, whatever its protocol. */
export const deviceKeys = {
  id: Id,
  type: DeviceType,
  name: optional(Type.String({ maxLength: 120, description: 'name for people' })),
  feeder: optional(Type.String({ description: 'id of the guarded feeder head that the device lies behind' })),
  connectionPoint: optional(
    Type.Object(
      {
        id: Id,
        contract: optional(PowerMagnitudes('what the customer has contracted')),
        floorKw: optional(magnitude('what the customer may never be limited below, kW')),
        authority: optional(Authority),
      },
      {
        ...closed,
        description:
          'where the customer meets the grid, and what may be commanded there; devices with one id share its contract, and a meter with that id is the meter of that customer',
      },
    ),
  ),
  ratings: Type.Object(
    {
      activePowerKw: optional(magnitude('most active power in the direction of the device, kW')),
      apparentPowerKva: optional(magnitude('apparent power of the inverter, kVA')),
      maxReactiveKvar: optional(magnitude('most reactive power either way, kvar')),
      steps: optional(Type.Integer({ minimum: 1, maximum: 100, description: 'steps of a capacitor bank' })),
      chargeKw: optional(magnitude('most charging power of a battery, kW')),
      dischargeKw: optional(magnitude('most discharging power of a battery, kW')),
      capacityKwh: optional(magnitude('energy between 0 and 100 %, kWh')),
      socPct: Type.Tuple([Type.Number({ minimum: 0, maximum: 100 }), Type.Number({ minimum: 0, maximum: 100 })], {
        default: [10, 95],
        description: 'state of charge between which the battery is worked, %',
      }),
      efficiency: optional(Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'of one way' })),
      rampKwPerS: optional(magnitude('fastest change that adds stress, kW/s; absent: no ramp')),
      minOnS: optional(
        Type.Number({ minimum: 0, maximum: 86_400, description: 'once it runs it goes on at least, s' }),
      ),
      minOffS: optional(
        Type.Number({ minimum: 0, maximum: 86_400, description: 'once it was stopped it rests at least, s' }),
      ),
      minimumRunKw: optional(magnitude('least power at which it runs, kW; needed by minOnS and minOffS')),
      minimumKwPerSession: optional(magnitude('least power of an EV session that charges, kW')),
    },
    { ...closed, default: {}, description: 'what the device can; never exceeded, whoever asks' },
  ),
  limits: optional(
    Type.Object(
      { voltagePu: optional(Band('voltage at the terminal, lowest and highest, pu')) },
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
      { ...closed, description: 'what it reverts to by itself, and what is assumed when it is silent' },
    ),
  ),
};
