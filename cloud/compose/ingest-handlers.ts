import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import type { Region } from '../../shared/contracts/region.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Desk } from '../desk/desk.ts';
import type { IncidentBook } from '../incidents/incident-book.ts';
import type { InterventionBook } from '../desk/intervention-book.ts';
import type { EstimateService } from '../estimate/estimate-service.ts';
import type { FederatedLearning } from '../forecast/registry/federated/federated-learning.ts';
import type { ForecastService } from '../forecast/serve/forecast-service.ts';
import type { GatewayWeather } from '../forecast/serve/gateway-weather.ts';
import type { DeviceLosses } from '../gateways/device-losses.ts';
import type { GatewayBook } from '../gateways/gateway-book.ts';
import type { GatewayLosses } from '../gateways/gateway-losses.ts';
import type { GuardWatch } from '../gateways/guard-watch.ts';
import type { NumberWatch } from '../gateways/number-watch.ts';
import type { IngestHandlers } from '../ingest/handlers.ts';
import type { DispatchService } from '../plan/send/dispatch-service.ts';
import type { Notice } from '../read-model/notice.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import type { LiveState } from '../telemetry/live.ts';

/** How parts of the owner report something. */
export interface Announcer {
  /** An event of the cloud's own, about a gateway or the cloud itself. */
  event(source: string, event: LoadstoneEvent): void;
  notice(notice: Notice): void;
}

export interface HandlerParts {
  readonly clock: Clock;
  readonly region: Region;
  readonly live: LiveState;
  readonly gateways: GatewayBook;
  readonly losses: DeviceLosses;
  readonly lost: GatewayLosses;
  readonly guards: GuardWatch;
  readonly numbers: NumberWatch;
  readonly dispatch: DispatchService;
  readonly estimates: Pick<EstimateService, 'countSince'>;
  readonly forecasts: ForecastService;
  readonly federated: FederatedLearning;
  readonly weather: Pick<GatewayWeather, 'born'>;
  readonly desk: Desk;
  readonly interventions: InterventionBook;
  readonly incidents: IncidentBook;
  readonly announce: Announcer;
  readonly onStore: (fault: Fault | null) => void;
}

/** Handlers for what gateways send. */
export function ingestHandlers(parts: HandlerParts): IngestHandlers {
  const { clock, announce } = parts;
  return {
    onFrame: ({ gateway }, frame, arrival) => {
      parts.live.apply(gateway, frame, arrival);
      if (arrival.historical) return;
      parts.gateways.frame(gateway, frame.time);
      parts.incidents.frame(gateway, frame);
    },
    onHealth: async (gateway, report) => {
      parts.gateways.reported(gateway, {
        report,
        receivedAt: clock.plant.now(),
        heardMs: clock.machine.elapsed(),
      });
      parts.estimates.countSince(gateway, report.countsSince);
      await parts.interventions.reported(gateway, report);
      parts.incidents.reported(gateway, report);
      // A guard that starts acting has met something the plan did not foresee, so a new plan is made.
      if (parts.guards.reported(gateway, report.guard)) parts.dispatch.onSpike(gateway);
      await parts.dispatch.onHealth(gateway, report);
      parts.numbers.fits(gateway);
    },
    onSessions: (gateway, report) => parts.gateways.charging(gateway, report),
    onReport: async (gateway, topic, report) => {
      if (topic === 'commandResult') parts.desk.heard(gateway, report);
      if (!(await parts.dispatch.onReport(gateway, report))) return;
      if (topic === 'commandResult') await parts.desk.onReport(report);
      if (topic === 'reportedPlan') announceStage(parts, gateway, report.id);
      if (topic === 'reportedModel' && (await parts.dispatch.documents.isToRun(gateway, report.id)))
        await parts.forecasts.rollout.reported(report);
      if (topic === 'reportedTrainingWay') await parts.federated.onStage(gateway, report);
    },
    onTraining: (gateway, report) => parts.federated.onReport(gateway, report),
    onTrainingChunk: (gateway, payload) => parts.federated.onChunk(gateway, payload),
    onModelRequest: (gateway, request) => parts.dispatch.documents.onChunkRequest(gateway, request),
    onBirth: async (gateway, device, again) => {
      parts.losses.back(gateway, device);
      parts.live.onBirth(gateway, device);
      if (device !== undefined) return;
      parts.gateways.born(gateway, clock.plant.now());
      parts.lost.back(gateway);
      // A stop comes first, because it goes out even on a full disk, and nothing else does. Neither depends on the success of the other.
      try {
        await parts.desk.acts.onBorn(gateway);
      } finally {
        await parts.dispatch.onBorn(gateway, again);
      }
      await parts.weather.born(gateway);
    },
    onDeath: (gateway, device, at) => {
      parts.live.stale(gateway, device, at);
      if (device !== undefined) return parts.losses.gone(gateway, device);
      parts.gateways.died(gateway, clock.plant.now());
      parts.lost.gone(gateway);
    },
    onRefused: (gateway, fault) => {
      if (fault.code === 'LS-DOC-011') parts.numbers.refused(gateway, fault.detail);
      else
        announce.event(gateway, {
          time: clock.plant.now(),
          kind: 'event',
          severity: 'low',
          code: fault.code,
          text: fitText(fault.detail, EVENT_TEXT),
        });
    },
    onBudget: (gateway, code, fault) =>
      announce.event(gateway, {
        time: clock.plant.now(),
        kind: 'alarm',
        severity: 'medium',
        code,
        text: fault === null ? 'The gateway is within its budget again.' : fitText(fault.detail, EVENT_TEXT),
        active: fault !== null,
      }),
    onClockDoubt: (isDoubted) =>
      announce.event('cloud', {
        time: clock.plant.now(),
        kind: 'event',
        severity: isDoubted ? 'high' : 'low',
        code: 'cloud.clock-doubted',
        text: isDoubted
          ? formatMessage(
              'cloud.clock-doubted',
              'The clock of the cloud differs from those of most gateways: set it right. Their data waits until then.',
            )
          : formatMessage('cloud.clock-doubted', 'The clock of the cloud agrees with those of the gateways again.'),
      }),
    onStore: (fault) => {
      parts.onStore(fault);
      announce.event('cloud', {
        time: clock.plant.now(),
        kind: 'alarm',
        severity: 'high',
        code: 'LS-STORE-001',
        text: fault === null ? 'What gateways send is stored again.' : fitText(fault.detail, EVENT_TEXT),
        active: fault !== null,
      });
    },
  };
}

/** Announces that a gateway reported a stage of its plan. */
function announceStage({ region, announce }: HandlerParts, gateway: string, id: string): void {
  const substation = region.substations.find((each) => each.gateway === gateway);
  if (substation !== undefined) announce.notice({ kind: 'plan', data: { substation: substation.id, id } });
}
