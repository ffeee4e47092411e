import { oneKey } from '../../../shared/pki/key-list.ts';
import assert from 'node:assert/strict';
import { documentText } from '../../../shared/codec/packed-document.ts';
import { generateSigningKey, verifyDocument } from '../../../shared/codec/signed-document.ts';
import type { PlannerOptions } from '../planner.ts';
import type { DesiredDocument } from '../../../shared/contracts/document.ts';
import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import { THIS_READS, type Reads } from '../../../shared/contracts/reads.ts';
import type { Compute } from '../../../shared/ports/compute.ts';
import type { ShareKw } from '../../../shared/contracts/share-schedule.ts';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import type { TopicName } from '../../../shared/topics/topics.ts';
import type { WorkPace } from '../../compute/work-pace.ts';
import type { EstimateState } from '../../estimate/state.ts';
import { dispatchInline } from '../compose-compute.ts';
import type { DispatchTasks } from '../tasks.ts';
import { DispatchService } from '../send/dispatch-service.ts';
import { SqliteDocumentStore } from '../send/sqlite-document-store.ts';
import type { FaultyMeters } from '../../estimate/faulty-meters.ts';
import { testDevices, testEstimate, testForecast, testRegion, usualReadings } from './fixture.ts';

export const start = Date.UTC(2021, 8, 25, 10, 1);
export const keys = await generateSigningKey();
export const compute = dispatchInline();

export interface Sent {
  readonly gateway: string;
  readonly topic: TopicName;
  readonly document: DesiredDocument;
  readonly jws: string;
  /** Of the payload. */
  readonly bytes: number;
}

/** Substations with their gateways under one dispatch service on virtual time; asserts that what is sent verifies. */
export async function setUp(
  over: {
    /** Default: two. */
    substations?: readonly string[];
    store?: SqliteDocumentStore;
    estimate?: (state: EstimateState) => EstimateState | undefined;
    meters?: (gateway: string) => FaultyMeters;
    reads?: (gateway: string) => Reads;
    forecast?: (forecast: Forecast) => Forecast | undefined;
    readings?: Readonly<Record<string, number>>;
    /** By substation. */
    failsafe?: Readonly<Record<string, ShareKw>>;
    stepsS?: () => readonly number[];
    compute?: Compute<DispatchTasks>;
    onPace?: (pace: WorkPace) => void;
    onGivenUp?: PlannerOptions['onGivenUp'];
    /** Called before the broker has what is sent. */
    onSend?: (sent: Sent) => Promise<void> | void;
  } = {},
) {
  const clock = new VirtualClock(start);
  const known = testRegion(...(over.substations ?? ['aaa', 'bbb']));
  const region = {
    ...known,
    substations: known.substations.map((one) => {
      const failsafe = over.failsafe?.[one.id];
      return failsafe === undefined ? one : { ...one, failsafe };
    }),
  };
  const store = over.store ?? new SqliteDocumentStore(':memory:');
  store.open();
  const sent: Sent[] = [];
  const events: LoadstoneEvent[] = [];
  const refused: string[] = [];
  const devices = testDevices(over.readings ?? usualReadings, () => clock.plant.now());
  const service = new DispatchService({
    region,
    clock,
    store,
    compute: over.compute ?? compute,
    onGivenUp: over.onGivenUp,
    devices,
    keys: oneKey(keys.privateKey),
    estimates: {
      state: (id) => {
        const state = testEstimate(
          region.substations.find((one) => one.id === id)!,
          clock.plant.now(),
        );
        return over.estimate === undefined ? state : over.estimate(state);
      },
    },
    forecasts: {
      // Uncontrolled: loads of 1,200 kW each; on the first feeder the sun gives 800 kW, on the second EVs wish for 200 kW more.
      newest: (target) => {
        const kw = target.startsWith('substation') ? 1600 : target.endsWith('-1') ? 400 : 1200;
        const forecast = testForecast(target, start, kw);
        return over.forecast === undefined ? forecast : over.forecast(forecast);
      },
    },
    send: async (gateway, topic, payload) => {
      const jws = documentText(payload);
      const document = await verifyDocument(jws, [keys.publicKey]);
      assert.ok(document.ok, 'the signature of a sent document verifies');
      const one = { gateway, topic, document: document.value, jws, bytes: payload.length };
      sent.push(one);
      await over.onSend?.(one);
    },
    reads: over.reads ?? (() => THIS_READS),
    everyS: 300,
    everyFastS: 900,
    mostPlansAtOnce: () => 1,
    stepsS: over.stepsS ?? (() => [900, 900, 3600, 3600]),
    meters: over.meters,
    onPace: over.onPace,
    report: (event) => events.push(event),
    refused: (gateway, { code }) => refused.push(`${gateway} ${code}`),
  });
  service.start();
  return { clock, service, store, sent, events, refused, devices };
}

export const plansOf = (sent: readonly Sent[]) =>
  sent.flatMap(({ document, gateway }) => (document.type === 'plan' ? [{ gateway, document }] : []));

export const settingsOf = (sent: readonly Sent[], of: string) =>
  sent.flatMap(({ document, gateway }) => (document.type === 'settings' && gateway === of ? [document] : []));

export const reportOn = (
  document: DesiredDocument,
  stage: DocumentReport['stage'],
  more: Partial<DocumentReport> = {},
): DocumentReport => ({
  version: 1,
  type: document.type,
  id: 'id' in document.body ? document.body.id : `${document.type}-${document.gateway}`,
  epoch: document.epoch,
  sequence: document.sequence,
  stage,
  time: start,
  ...more,
});
