import type { OcppCall, OcppVersion } from '../../../edge/drivers/ocpp/chargers.ts';
import { limitOf, profileFrom, withProfile, type InstalledProfile } from './profiles.ts';

export interface ChargerOptions {
  readonly id: string;
  readonly version: OcppVersion;
  /** Rating of the charger and its cable, kW. */
  readonly maxKw: number;
  readonly connectors?: number;
  /** Accepts amperes only. */
  readonly amperesOnly?: boolean;
  /** Sends to the gateway; undefined without an answer. */
  readonly send: (call: OcppCall) => Promise<unknown>;
  /** The charger's clock, ms UTC. */
  readonly now: () => number;
}

/** Behaviour of the charger. */
export type ChargerFate = 'well' | 'refuses' | 'lies' | 'mute';

interface Plugged {
  readonly session: string;
  wantsKw: number;
  registerKwh: number;
  kw: number;
}

const CHARGES_FROM_KW = 1.38;

/** A charger as seen over OCPP: it stores its profiles, and its sessions follow them. Pure apart from what it sends. */
export class SimulatedCharger {
  readonly options: ChargerOptions;
  fate: ChargerFate = 'well';
  /** Every call received. */
  readonly asked: OcppCall[] = [];
  #profiles: readonly InstalledProfile[] = [];
  readonly #plugged = new Map<number, Plugged>();
  #seq = 0;

  constructor(options: ChargerOptions) {
    this.options = options;
  }

  get profiles(): readonly InstalledProfile[] {
    return this.#profiles;
  }

  /** Total power of its connectors, kW. */
  get kw(): number {
    return [...this.#plugged.values()].reduce((sum, { kw }) => sum + kw, 0);
  }

  /** Announces the charger after connecting. */
  async boot(): Promise<void> {
    const { version, id } = this.options;
    const old = { chargePointVendor: 'Loadstone', chargePointModel: 'Simulated', chargePointSerialNumber: id };
    const station = { vendorName: 'Loadstone', model: 'Simulated', serialNumber: id };
    await this.#send('BootNotification', version === 'ocpp1.6' ? old : { reason: 'PowerUp', chargingStation: station });
    await this.#sendStatus();
  }

  async plug(connector: number, wantsKw: number): Promise<void> {
    const { version, id } = this.options;
    const plugged: Plugged = { session: `${id}-${connector}-${++this.#seq}`, wantsKw, registerKwh: 0, kw: 0 };
    if (version === 'ocpp1.6') {
      const answer = (await this.#send('StartTransaction', {
        connectorId: connector,
        idTag: 'TAG',
        meterStart: 0,
        timestamp: this.#time(),
      })) as { transactionId?: number } | undefined;
      this.#plugged.set(connector, { ...plugged, session: String(answer?.transactionId ?? -1) });
      await this.#send('StatusNotification', { connectorId: connector, errorCode: 'NoError', status: 'Charging' });
      return;
    }
    this.#plugged.set(connector, plugged);
    await this.#transaction('Started', connector, plugged);
  }

  async unplug(connector: number): Promise<void> {
    const plugged = this.#plugged.get(connector);
    if (plugged === undefined) return;
    this.#plugged.delete(connector);
    if (this.options.version === 'ocpp1.6') {
      const transactionId = Number(plugged.session);
      const meterStop = Math.round(plugged.registerKwh * 1000);
      await this.#send('StopTransaction', { transactionId, meterStop, timestamp: this.#time() });
      await this.#send('StatusNotification', { connectorId: connector, errorCode: 'NoError', status: 'Available' });
    } else await this.#transaction('Ended', connector, plugged);
  }

  wants(connector: number, kw: number): void {
    const plugged = this.#plugged.get(connector);
    if (plugged !== undefined) plugged.wantsKw = kw;
  }

  /** Limit of a connector by its profiles, kW; Infinity without one. */
  limitKw(connector: number): number {
    const session = this.#plugged.get(connector)?.session ?? '';
    return limitOf(this.#profiles, { connector, session, now: this.options.now() });
  }

  /** Sets a connector's meter, for a car that is simulated elsewhere. */
  shows(connector: number, { kw, deliveredKwh }: { readonly kw: number; readonly deliveredKwh: number }): void {
    const plugged = this.#plugged.get(connector);
    if (plugged === undefined) return;
    plugged.kw = kw;
    plugged.registerKwh = deliveredKwh;
  }

  /** Reports a car's missing energy and departure, like a car with ISO 15118 (OCPP 2.0.1 only). */
  async needs(connector: number, car: { readonly missingKwh: number; readonly departureMs: number }): Promise<void> {
    await this.#send('NotifyEVChargingNeeds', {
      evseId: connector,
      chargingNeeds: {
        requestedEnergyTransfer: 'AC_three_phase',
        departureTime: new Date(car.departureMs).toISOString(),
        acChargingParameters: {
          energyAmount: Math.round(car.missingKwh * 1000),
          evMinCurrent: 6,
          evMaxCurrent: 32,
          evMaxVoltage: 400,
        },
      },
    });
  }

  /** Advances the sessions under their limits; a car below its minimum power pauses. */
  step(dtS: number): void {
    const now = this.options.now();
    for (const [connector, plugged] of this.#plugged) {
      const limit = limitOf(this.#profiles, { connector, session: plugged.session, now });
      const free = this.fate === 'lies' ? Infinity : limit;
      const kw = Math.min(plugged.wantsKw, this.options.maxKw, free);
      plugged.kw = kw < CHARGES_FROM_KW ? 0 : kw;
      plugged.registerKwh += (plugged.kw * dtS) / 3600;
    }
  }

  /** Sends the meter values. */
  async meter(): Promise<void> {
    for (const [connector, plugged] of this.#plugged) {
      if (this.options.version !== 'ocpp1.6') {
        await this.#transaction('Updated', connector, plugged);
        continue;
      }
      await this.#send('MeterValues', {
        connectorId: connector,
        transactionId: Number(plugged.session),
        meterValue: [{ timestamp: this.#time(), sampledValue: sampled(plugged).map(asText) }],
      });
    }
  }

  /** Answers a call from the gateway; undefined: no answer. */
  answer({ action, payload }: OcppCall): object | undefined {
    this.asked.push({ action, payload });
    if (this.fate === 'mute') return undefined;
    const { version, connectors = 1, amperesOnly = false } = this.options;
    switch (action) {
      case 'SetChargingProfile': {
        if (this.fate === 'refuses') return { status: 'Rejected' };
        this.#profiles = withProfile(this.#profiles, profileFrom(payload as Record<string, unknown>));
        return { status: 'Accepted' };
      }
      case 'GetConfiguration':
        return {
          configurationKey: [
            {
              key: 'ChargingScheduleAllowedChargingRateUnit',
              readonly: true,
              value: amperesOnly ? 'Current' : 'Current,Power',
            },
            { key: 'NumberOfConnectors', readonly: true, value: String(connectors) },
          ],
        };
      case 'GetVariables':
        return {
          getVariableResult: [
            {
              attributeStatus: 'Accepted',
              component: { name: 'SmartChargingCtrlr' },
              variable: { name: 'RateUnit' },
              attributeValue: amperesOnly ? 'A' : 'A,W',
            },
          ],
        };
      case 'ChangeConfiguration':
        return { status: 'Accepted' };
      case 'SetVariables':
        return { setVariableResult: [] };
      case 'TriggerMessage':
        return { status: 'NotImplemented' };
      default:
        return version === 'ocpp1.6' ? { status: 'NotSupported' } : {};
    }
  }

  async #sendStatus(): Promise<void> {
    const { version, connectors = 1 } = this.options;
    for (let at = 1; at <= connectors; at++) {
      const occupied = this.#plugged.has(at);
      await this.#send(
        'StatusNotification',
        version === 'ocpp1.6'
          ? { connectorId: at, errorCode: 'NoError', status: occupied ? 'Charging' : 'Available' }
          : {
              timestamp: this.#time(),
              evseId: at,
              connectorId: 1,
              connectorStatus: occupied ? 'Occupied' : 'Available',
            },
      );
    }
  }

  async #transaction(eventType: keyof typeof TRIGGERS, connector: number, plugged: Plugged): Promise<void> {
    await this.#send('TransactionEvent', {
      eventType,
      timestamp: this.#time(),
      triggerReason: TRIGGERS[eventType],
      seqNo: this.#seq++,
      transactionInfo: {
        transactionId: plugged.session,
        ...(eventType === 'Ended' ? { stoppedReason: 'EVDisconnected' } : {}),
      },
      ...(eventType === 'Started' ? { idToken: { idToken: 'TAG', type: 'ISO14443' } } : {}),
      evse: { id: connector, connectorId: 1 },
      meterValue: [{ timestamp: this.#time(), sampledValue: sampled(plugged).map(asNumber) }],
    });
  }

  #send(action: string, payload: object): Promise<unknown> {
    return this.options.send({ action, payload });
  }

  #time(): string {
    return new Date(this.options.now()).toISOString();
  }
}

/** Trigger of each event of a transaction (OCPP 2.0.1, E02, E07, J02). */
const TRIGGERS = { Started: 'CablePluggedIn', Updated: 'MeterValuePeriodic', Ended: 'EVCommunicationLost' } as const;

interface Meter {
  readonly measurand: string;
  readonly unit: string;
  readonly value: number;
}

const sampled = ({ kw, registerKwh }: Plugged): readonly Meter[] => [
  { measurand: 'Power.Active.Import', unit: 'W', value: Math.round(kw * 1000) },
  { measurand: 'Energy.Active.Import.Register', unit: 'Wh', value: Math.round(registerKwh * 1000) },
];

const asText = (each: Meter): object => ({ ...each, value: String(each.value) });
const asNumber = ({ measurand, unit, value }: Meter): object => ({ measurand, value, unitOfMeasure: { unit } });
