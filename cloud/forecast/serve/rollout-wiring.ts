import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { HealthReport } from '../../../shared/contracts/report.ts';
import type { ForecastServiceOptions } from './forecast-service.ts';
import type { RegistryEntry } from '../registry/registry.ts';
import { SecondPerson, type WaitingPromotions } from '../registry/second-person.ts';
import type { Desired, LiveDuel, RolloutSettings } from '../registry/rollout.ts';

export interface RolloutWiring {
  readonly settings: RolloutSettings;
  /** Machine time, ms UTC, for the expiry of promotions. */
  readonly now: () => number;
  readonly promotions: WaitingPromotions;
  /** The gateway of a substation; `cloud` if there is none. */
  readonly gatewayOf: (substation: string | undefined) => string;
  /** Whether a gateway takes the temperature that the cloud sends: an older one refuses models that need it. */
  readonly takesTemperature: (gateway: string) => boolean;
  readonly health: (gateway: string) => HealthReport | undefined;
  /** The models that a target's gateway should run. */
  readonly desired: (target: string) => Promise<Desired | undefined>;
  readonly sendModels: (gateway: string, answering: ModelManifest, beside: ModelManifest | undefined) => Promise<void>;
  readonly report: (source: string, event: LoadstoneEvent) => void;
  readonly changed: (model: { readonly target: string; readonly id: string }) => void;
}

/** Connects the rollout to gateways and the event log. */
export function rolloutWiring(wiring: RolloutWiring): ForecastServiceOptions['rollout'] {
  const gatewayOfTarget = (target: string): string => wiring.gatewayOf(target.split(':')[1]);
  return {
    settings: wiring.settings,
    approve: new SecondPerson(wiring.now, wiring.promotions),
    gatewayDuel: (target) => duelOf(wiring.health(gatewayOfTarget(target))),
    applyAtGateway: async (target) => {
      const desired = await wiring.desired(target);
      const gateway = gatewayOfTarget(target);
      const fits = ({ manifest }: RegistryEntry): boolean =>
        manifest.weather === 'none' || wiring.takesTemperature(gateway);
      if (desired === undefined || gateway === 'cloud' || !fits(desired.answering)) return;
      const { answering, beside } = desired;
      await wiring.sendModels(gateway, answering.manifest, beside && fits(beside) ? beside.manifest : undefined);
    },
    takesTemperature: (target) => wiring.takesTemperature(gatewayOfTarget(target)),
    report: (event, { role, manifest }) => {
      wiring.report(role === 'gateway' ? gatewayOfTarget(manifest.target) : 'cloud', event);
      wiring.changed({ target: manifest.target, id: manifest.id });
    },
  };
}

/** A gateway's report on its active model and the one beside it. */
function duelOf(report: HealthReport | undefined): LiveDuel | undefined {
  const model = report?.model;
  if (model === undefined || model.id === null) return undefined;
  const { id, beside } = model;
  if (beside === undefined)
    return { answering: id, beside: null, refused: null, n: 0, answeringKw: 0, besideKw: 0, standardErrorKw: 0 };
  const { id: besideId, ...score } = beside;
  return { answering: id, beside: besideId, ...score };
}
