import { Type, type Static } from 'typebox';
import { MAX_TIME } from '../../../shared/contracts/ids.ts';
import { checker } from '../../../shared/contracts/validate.ts';
import { bad, good } from '../../../shared/outcome/outcome.ts';
import type { OcppCall } from './chargers.ts';
import {
  DEFAULT_PROFILE,
  profileOf,
  takenOf,
  textOf,
  timeOf,
  type ChargerEvent,
  type ChargerFacts,
  type Dialect,
  type ProfileOptions,
} from './dialect.ts';
import type { SampledValue } from './meter-values.ts';

/** Only the fields that are read; chargers send more. */
const optional = Type.Optional;
const Id = Type.Integer({ minimum: 0, maximum: 100 });
const Evse = Type.Object({ id: Id, connectorId: optional(Id) });
const Sampled = Type.Object({
  value: Type.Number(),
  measurand: optional(Type.String()),
  phase: optional(Type.String()),
  unitOfMeasure: optional(
    Type.Object({ unit: optional(Type.String()), multiplier: optional(Type.Integer({ minimum: -12, maximum: 12 })) }),
  ),
});
const Meter = Type.Array(
  Type.Object({ timestamp: Type.String({ maxLength: 64 }), sampledValue: Type.Array(Sampled, { maxItems: 200 }) }),
  { maxItems: 500 },
);
type Meter = Static<typeof Meter>;
const Session = Type.Object({ transactionId: Type.String({ minLength: 1, maxLength: 36 }) });
const Needs = Type.Object({
  evseId: Type.Integer({ minimum: 1, maximum: 100 }),
  chargingNeeds: Type.Object({
    departureTime: optional(Type.String({ maxLength: 64 })),
    acChargingParameters: optional(Type.Object({ energyAmount: Type.Number() })),
    dcChargingParameters: optional(Type.Object({ energyAmount: optional(Type.Number()) })),
  }),
});
const FAULT = 'LS-DEVICE-003';
const readers = {
  boot: checker(
    Type.Object({ chargingStation: Type.Object({ vendorName: Type.String(), model: Type.String() }) }),
    FAULT,
  ),
  status: checker(Type.Object({ evseId: Id, connectorId: optional(Id), connectorStatus: Type.String() }), FAULT),
  event: checker(
    Type.Object({
      eventType: Type.String(),
      transactionInfo: Session,
      evse: optional(Evse),
      meterValue: optional(Meter),
      idToken: optional(Type.Unknown()),
    }),
    FAULT,
  ),
  meter: checker(Type.Object({ evseId: Id, meterValue: Meter }), FAULT),
  needs: checker(Needs, FAULT),
};

const ACCEPTED = { status: 'Accepted' } as const;
const MEASURANDS = 'Power.Active.Import,Energy.Active.Import.Register,Current.Import,Voltage';

/** OCPP 2.0.1, Open Charge Alliance, edition 2 (2022, IEC 63584), parts 2 and 4. The gateway authorizes every token. */
export const ocpp201: Dialect = {
  version: 'ocpp2.0.1',
  take: (call, about) => {
    const { payload } = call;
    switch (call.action) {
      case 'BootNotification':
        return takenOf(readers.boot(payload), ({ chargingStation: { vendorName, model } }) => ({
          reply: { ...ACCEPTED, currentTime: textOf(about.now), interval: about.heartbeatS },
          events: [{ kind: 'boot', words: `${vendorName} ${model}` }],
        }));
      case 'Heartbeat':
        return good({ reply: { currentTime: textOf(about.now) }, events: [] });
      case 'StatusNotification':
        return takenOf(readers.status(payload), ({ evseId, connectorId, connectorStatus }) => ({
          reply: {},
          events:
            evseId === 0
              ? []
              : [
                  {
                    kind: 'status',
                    connector: evseId,
                    outlet: connectorId,
                    occupied: connectorStatus === 'Occupied',
                    // In this version a session has its own events.
                    charging: false,
                  },
                ],
        }));
      case 'Authorize':
        return good({ reply: { idTokenInfo: ACCEPTED }, events: [] });
      case 'TransactionEvent':
        return takenOf(readers.event(payload), (value) => ({
          reply: value.idToken === undefined ? {} : { idTokenInfo: ACCEPTED },
          events: eventsOf(value),
        }));
      case 'MeterValues':
        return takenOf(readers.meter(payload), ({ evseId, meterValue }) => ({
          reply: {},
          events: metersOf(meterValue, evseId, undefined),
        }));
      case 'NotifyEVChargingNeeds':
        return takenOf(readers.needs(payload), (value) => ({ reply: ACCEPTED, events: [needOf(value)] }));
      case 'NotifyEVChargingSchedule':
        return good({ reply: ACCEPTED, events: [] });
      case 'DataTransfer':
        return good({ reply: { status: 'UnknownVendorId' }, events: [] });
      case 'ClearedChargingLimit':
      case 'FirmwareStatusNotification':
      case 'LogStatusNotification':
      case 'NotifyChargingLimit':
      case 'NotifyEvent':
      case 'NotifyMonitoringReport':
      case 'NotifyReport':
      case 'ReportChargingProfiles':
      case 'SecurityEventNotification':
        return good({ reply: {}, events: [] });
      default:
        return bad('LS-DEVICE-004', `the gateway does not support ${call.action}`);
    }
  },
  facts: {
    action: 'GetVariables',
    payload: { getVariableData: [variable('SmartChargingCtrlr', 'RateUnit')] },
  },
  triggers: ['StatusNotification', 'TransactionEvent'].map((requestedMessage) => ({
    action: 'TriggerMessage',
    payload: { requestedMessage },
  })),
  configure: (meterEveryS) => [
    {
      action: 'SetVariables',
      payload: {
        setVariableData: [
          { ...variable('SampledDataCtrlr', 'TxUpdatedInterval'), attributeValue: String(meterEveryS) },
          { ...variable('SampledDataCtrlr', 'TxUpdatedMeasurands'), attributeValue: MEASURANDS },
        ],
      },
    },
  ],
  meterSetting: 'SampledDataCtrlr.TxUpdatedInterval',
  learn: ({ action }, reply) => (action === 'GetVariables' ? factsOf(reply) : {}),
  defaultProfile: (limit) => profileCall(0, DEFAULT_PROFILE, { purpose: 'TxDefaultProfile', limit }),
  sessionProfile: (profile) =>
    profileCall(profile.connector, profileOf(profile.connector), { purpose: 'TxProfile', limit: profile, profile }),
};

function variable(component: string, name: string) {
  return { component: { name: component }, variable: { name } };
}

function eventsOf(event: {
  readonly eventType: string;
  readonly transactionInfo: { readonly transactionId: string };
  readonly evse?: { readonly id: number; readonly connectorId?: number };
  readonly meterValue?: Meter;
}): ChargerEvent[] {
  const session = event.transactionInfo.transactionId;
  const connector = event.evse?.id;
  const meters = metersOf(event.meterValue ?? [], connector, session);
  if (event.eventType === 'Ended') return [...meters, { kind: 'ended', session, connector }];
  // An update introduces a session that began before the gateway started.
  return connector === undefined
    ? meters
    : [{ kind: 'begun', connector, outlet: event.evse?.connectorId, session }, ...meters];
}

const metersOf = (values: Meter, connector: number | undefined, session: string | undefined): ChargerEvent[] =>
  values.map(({ timestamp, sampledValue }) => ({
    kind: 'meter',
    connector,
    session,
    time: timeOf(timestamp),
    samples: sampledValue.map(({ value, measurand, phase, unitOfMeasure }): SampledValue => ({
      value: value * 10 ** (unitOfMeasure?.multiplier ?? 0),
      measurand,
      phase,
      unit: unitOfMeasure?.unit,
    })),
  }));

function needOf({ evseId, chargingNeeds }: Static<typeof Needs>): ChargerEvent {
  const wh = chargingNeeds.acChargingParameters?.energyAmount ?? chargingNeeds.dcChargingParameters?.energyAmount;
  const departure = chargingNeeds.departureTime === undefined ? Number.NaN : timeOf(chargingNeeds.departureTime);
  return {
    kind: 'needs',
    connector: evseId,
    energyKwh: wh === undefined ? undefined : wh / 1000,
    departure: departure >= 0 && departure <= MAX_TIME ? departure : undefined,
  };
}

function factsOf(reply: unknown): ChargerFacts {
  const results = (reply as { getVariableResult?: unknown } | null)?.getVariableResult;
  const [first] = (Array.isArray(results) ? results : []) as { attributeValue?: unknown }[];
  const units = first?.attributeValue;
  if (typeof units !== 'string') return {};
  const list = units.split(',').map((unit) => unit.trim().toUpperCase());
  return { amperesOnly: list.includes('A') && !list.includes('W') };
}

function profileCall(
  evseId: number,
  id: number,
  { purpose, limit: { unit, limit }, profile }: ProfileOptions,
): OcppCall {
  const chargingProfile = {
    id,
    stackLevel: 0,
    chargingProfilePurpose: purpose,
    chargingProfileKind: profile === undefined ? 'Relative' : 'Absolute',
    ...(profile?.session === undefined ? {} : { transactionId: profile.session }),
    chargingSchedule: [
      {
        id,
        ...(profile === undefined ? {} : { startSchedule: textOf(profile.from), duration: profile.durationS }),
        chargingRateUnit: unit,
        chargingSchedulePeriod: [{ startPeriod: 0, limit }],
      },
    ],
  };
  return { action: 'SetChargingProfile', payload: { evseId, chargingProfile } };
}
