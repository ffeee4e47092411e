import { Type } from 'typebox';
import { checker } from '../../../shared/contracts/validate.ts';
import { bad, good } from '../../../shared/outcome/outcome.ts';
import type { OcppCall } from './chargers.ts';
import {
  DEFAULT_PROFILE,
  profileOf,
  takenOf,
  textOf,
  timeOf,
  type About,
  type ChargerEvent,
  type ChargerFacts,
  type Dialect,
  type ProfileOptions,
  type Taken,
} from './dialect.ts';
import type { SampledValue } from './meter-values.ts';

/** Only the fields that are read; chargers send more, and some violate the schema elsewhere. */
const optional = Type.Optional;
const Connector = Type.Integer({ minimum: 0, maximum: 100 });
const Meter = Type.Array(
  Type.Object({
    timestamp: Type.String({ maxLength: 64 }),
    sampledValue: Type.Array(
      Type.Object({
        value: Type.String({ maxLength: 5000 }),
        format: optional(Type.String()),
        measurand: optional(Type.String()),
        phase: optional(Type.String()),
        unit: optional(Type.String()),
      }),
      { maxItems: 200 },
    ),
  }),
  { maxItems: 500 },
);
const FAULT = 'LS-DEVICE-003';
const readers = {
  boot: checker(Type.Object({ chargePointVendor: Type.String(), chargePointModel: Type.String() }), FAULT),
  status: checker(Type.Object({ connectorId: Connector, status: Type.String() }), FAULT),
  start: checker(Type.Object({ connectorId: Connector, meterStart: Type.Number(), timestamp: Type.String() }), FAULT),
  stop: checker(Type.Object({ transactionId: Type.Integer(), transactionData: optional(Meter) }), FAULT),
  meter: checker(
    Type.Object({ connectorId: Connector, transactionId: optional(Type.Integer()), meterValue: Meter }),
    FAULT,
  ),
};

const ACCEPTED = { status: 'Accepted' } as const;
const OCCUPIED: readonly string[] = ['Preparing', 'Charging', 'SuspendedEV', 'SuspendedEVSE'];
const CHARGING: readonly string[] = ['Charging', 'SuspendedEV', 'SuspendedEVSE'];
const MEASURANDS = 'Power.Active.Import,Energy.Active.Import.Register,Current.Import,Voltage';
const RATE_UNIT = 'ChargingScheduleAllowedChargingRateUnit';
const METER_INTERVAL = 'MeterValueSampleInterval';

/** OCPP 1.6, Open Charge Alliance, edition 2 (2017), with its JSON binding. The gateway authorizes every tag, because it does not bill. */
export const ocpp16: Dialect = {
  version: 'ocpp1.6',
  take: (call, about) => {
    const { payload } = call;
    switch (call.action) {
      case 'BootNotification':
        return takenOf(readers.boot(payload), ({ chargePointVendor, chargePointModel }) => ({
          reply: { ...ACCEPTED, currentTime: textOf(about.now), interval: about.heartbeatS },
          events: [{ kind: 'boot', words: `${chargePointVendor} ${chargePointModel}` }],
        }));
      case 'Heartbeat':
        return good({ reply: { currentTime: textOf(about.now) }, events: [] });
      case 'StatusNotification':
        return takenOf(readers.status(payload), ({ connectorId, status }) => ({
          reply: {},
          events:
            connectorId === 0
              ? []
              : [
                  {
                    kind: 'status',
                    connector: connectorId,
                    occupied: OCCUPIED.includes(status),
                    charging: CHARGING.includes(status),
                  },
                ],
        }));
      case 'Authorize':
        return good({ reply: { idTagInfo: ACCEPTED }, events: [] });
      case 'StartTransaction':
        return takenOf(readers.start(payload), ({ connectorId, meterStart, timestamp }) =>
          started(connectorId, { meterStart, timestamp }, about),
        );
      case 'StopTransaction':
        return takenOf(readers.stop(payload), ({ transactionId }) => ({
          reply: { idTagInfo: ACCEPTED },
          events: [{ kind: 'ended', session: String(transactionId), connector: undefined }],
        }));
      case 'MeterValues':
        return takenOf(readers.meter(payload), ({ connectorId, transactionId, meterValue }) => ({
          reply: {},
          events: meterValue.map(({ timestamp, sampledValue }): ChargerEvent => ({
            kind: 'meter',
            connector: connectorId,
            session: transactionId === undefined ? undefined : String(transactionId),
            time: timeOf(timestamp),
            samples: sampledValue.filter(({ format }) => format !== 'SignedData').map(sampleOf),
          })),
        }));
      case 'DataTransfer':
        return good({ reply: { status: 'UnknownVendorId' }, events: [] });
      case 'DiagnosticsStatusNotification':
      case 'FirmwareStatusNotification':
      case 'SignedFirmwareStatusNotification':
      case 'LogStatusNotification':
      case 'SecurityEventNotification':
        return good({ reply: {}, events: [] });
      default:
        return bad('LS-DEVICE-004', `the gateway does not support ${call.action}`);
    }
  },
  facts: { action: 'GetConfiguration', payload: { key: [RATE_UNIT, 'NumberOfConnectors'] } },
  triggers: [trigger('StatusNotification'), trigger('MeterValues')],
  configure: (meterEveryS) => [
    change(METER_INTERVAL, String(meterEveryS)),
    change('MeterValuesSampledData', MEASURANDS),
  ],
  meterSetting: METER_INTERVAL,
  learn: ({ action }, reply) => (action === 'GetConfiguration' ? factsOf(reply) : {}),
  defaultProfile: (limit) => profileCall(0, DEFAULT_PROFILE, { purpose: 'TxDefaultProfile', limit }),
  sessionProfile: (profile) =>
    profileCall(profile.connector, profileOf(profile.connector), { purpose: 'TxProfile', limit: profile, profile }),
};

function started(
  connector: number,
  { meterStart, timestamp }: { readonly meterStart: number; readonly timestamp: string },
  about: About,
): Taken {
  const transactionId = about.newSession();
  const session = String(transactionId);
  const samples: SampledValue[] = [{ value: meterStart, unit: 'Wh' }];
  return {
    reply: { transactionId, idTagInfo: ACCEPTED },
    events: [
      { kind: 'begun', connector, session },
      { kind: 'meter', connector, session, time: timeOf(timestamp), samples },
    ],
  };
}

const sampleOf = (each: {
  readonly value: string;
  readonly measurand?: string;
  readonly phase?: string;
  readonly unit?: string;
}): SampledValue => ({ ...each, value: each.value.trim() === '' ? Number.NaN : Number(each.value) });

const change = (key: string, value: string): OcppCall => ({ action: 'ChangeConfiguration', payload: { key, value } });
function trigger(requestedMessage: string): OcppCall {
  return { action: 'TriggerMessage', payload: { requestedMessage } };
}

function factsOf(reply: unknown): ChargerFacts {
  const keys = (reply as { configurationKey?: unknown } | null)?.configurationKey;
  const values = new Map<unknown, unknown>(
    (Array.isArray(keys) ? keys : []).map((each: { key?: unknown; value?: unknown } | null) => [
      each?.key,
      each?.value,
    ]),
  );
  const connectors = Number(values.get('NumberOfConnectors'));
  const units = values.get(RATE_UNIT);
  return {
    ...(Number.isInteger(connectors) && connectors > 0 && connectors <= 100 ? { connectors } : {}),
    ...(typeof units === 'string' ? { amperesOnly: /current|^a$/i.test(units) && !/power/i.test(units) } : {}),
  };
}

function profileCall(connectorId: number, chargingProfileId: number, options: ProfileOptions): OcppCall {
  const { purpose, profile } = options;
  const { unit, limit } = options.limit;
  const session = profile?.session;
  const csChargingProfiles = {
    chargingProfileId,
    ...(session === undefined ? {} : { transactionId: Number(session) }),
    stackLevel: 0,
    chargingProfilePurpose: purpose,
    chargingProfileKind: profile === undefined ? 'Relative' : 'Absolute',
    chargingSchedule: {
      ...(profile === undefined ? {} : { startSchedule: textOf(profile.from), duration: profile.durationS }),
      chargingRateUnit: unit,
      chargingSchedulePeriod: [{ startPeriod: 0, limit }],
    },
  };
  return { action: 'SetChargingProfile', payload: { connectorId, csChargingProfiles } };
}
