import { createHash } from 'node:crypto';
import { decodeChunk } from '../../../../shared/codec/chunk.ts';
import { EVENT_TEXT, fitText } from '../../../../shared/contracts/fit-text.ts';
import type { LoadstoneEvent } from '../../../../shared/contracts/event.ts';
import { NETWORK_VERSION, type TrainingReport, type TrainingTask } from '../../../../shared/contracts/federated.ts';
import type { RegionSubstation } from '../../../../shared/contracts/region.ts';
import type { DocumentReport } from '../../../../shared/contracts/report.ts';
import { averaged } from '../../../../shared/federated/average.ts';
import { decodeDelta, DELTA_BYTES } from '../../../../shared/federated/delta.ts';
import { freshNetwork } from '../../../../shared/federated/network.ts';
import { epsilonOf } from '../../../../shared/federated/privacy.ts';
import { weightsOf } from '../../../../shared/federated/weights.ts';
import type { Outcome } from '../../../../shared/outcome/outcome.ts';
import { fnv1a } from '../../../../shared/ports/random.ts';
import type { Clock, Timer } from '../../../../shared/time/clock.ts';
import { every } from '../../../../shared/time/every.ts';
import { Turns } from '../../../../shared/time/turns.ts';
import type { ModelBundle } from '../bundle.ts';
import type { ModelRegistry } from '../registry.ts';
import type { Rollout } from '../rollout.ts';
import { federatedBundle } from './federated-bundle.ts';
import {
  counts,
  isMeasuring,
  isSettled,
  misfit,
  quorumOf,
  taskOf,
  type Campaign,
  type FederatedState,
  type Part,
  type TaskSettings,
} from './round.ts';

export interface FederatedSettings extends TaskSettings {
  readonly enabled: boolean;
  readonly rounds: number;
  readonly roundHours: number;
  readonly quorum: number;
}

export interface FederatedOptions {
  readonly settings: FederatedSettings;
  readonly substations: readonly Pick<RegionSubstation, 'id' | 'gateway' | 'limits'>[];
  readonly clock: Clock;
  readonly registry: Pick<
    ModelRegistry,
    'bytes' | 'keepBytes' | 'federatedState' | 'keepFederated' | 'active' | 'refreshDays'
  >;
  readonly rollout: () => Pick<Rollout, 'submit'>;
  /** Loads an exported model and runs its parity vectors. */
  readonly check: (bundle: ModelBundle) => Promise<Outcome<unknown>>;
  readonly sendTask: (gateway: string, task: TrainingTask) => Promise<unknown>;
  readonly askChunk: (gateway: string, sha256: string) => Promise<void>;
  /** Reports an event of a gateway, or of the cloud. */
  readonly report: (source: string, event: LoadstoneEvent) => void;
}

const LOOK_MS = 60_000;
const HOUR_MS = 3_600_000;
const SEED = 1;
/** The delta for which an epsilon is reported. */
const PRIVACY_DELTA = 1e-5;
const CLOUD = 'cloud';

/**
 * Federated learning in the cloud (FedAvg; McMahan et al., 2017). It sends each gateway a task and accepts updates within their bounds.
 * With a quorum at the deadline it averages them, lets gateways measure the result and submits it to the rollout. Its state is in the
 * registry, so a kill at any step loses nothing.
 */
export class FederatedLearning {
  readonly #options: FederatedOptions;
  #state: FederatedState | undefined;
  #timer: Timer | undefined;
  readonly #turns = new Turns();

  constructor(options: FederatedOptions) {
    this.#options = options;
  }

  /** Resumes. Gateways without a report get their task again and answer with the result they have stored. */
  async start(): Promise<void> {
    await this.#turns.take(async () => {
      this.#state = (await this.#options.registry.federatedState()) as FederatedState | undefined;
    });
    this.#timer = every(this.#options.clock.plant, LOOK_MS, () => this.look());
    if (this.#state?.campaign === undefined) return;
    this.#options.clock.machine.after(0, () => this.#turns.take(() => this.#send((part) => part.report === undefined)));
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#turns.over();
  }

  get enabled(): boolean {
    return this.#options.settings.enabled;
  }

  /** The current campaign, for display. */
  get campaign(): Campaign | undefined {
    return this.#state?.campaign;
  }

  /** Sends the first round; does nothing if a campaign is running or federated learning is disabled. */
  begin(reason: string): Promise<void> {
    return this.#turns.take(async () => {
      const { settings, clock, registry } = this.#options;
      if (!settings.enabled || this.#state?.campaign !== undefined) return;
      const base = this.#state?.base ?? (await this.#keep(freshNetwork(SEED)));
      if ((await registry.bytes(base)) === undefined) throw new Error(`the weights ${base} are not in the registry`);
      const time = new Date(clock.plant.now()).toISOString().slice(0, 16).replaceAll(/[-:]/g, '').toLowerCase();
      const state = { ...this.#state, base };
      await this.#ask(state, { id: `federated-${time}`, reason, round: 1, rounds: settings.rounds });
    });
  }

  /** Handles a gateway's report on the state of a task. */
  onStage(gateway: string, { id, stage, code, detail }: DocumentReport): Promise<void> {
    return this.#turns.take(async () => {
      const part = this.#state?.campaign?.parts[gateway];
      if (part?.task !== id || stage !== 'rejected' || part.fault !== undefined) return;
      await this.#put(gateway, { ...part, fault: { code: code ?? 'LS-FED-008', detail: detail ?? 'no reason given' } });
      await this.#look();
    });
  }

  /** Handles the result of a gateway's training. LS-FED-006: it does not belong to the round; LS-FED-001: it is not an update. */
  onReport(gateway: string, report: TrainingReport): Promise<void> {
    return this.#turns.take(async () => {
      const [state, campaign] = [this.#state, this.#state?.campaign];
      if (state === undefined || campaign === undefined) return;
      const part = campaign.parts[gateway];
      const measuring = isMeasuring(campaign);
      const { base } = state;
      const odd = misfit(report, { part, base, round: campaign.round, measuring });
      if (odd !== undefined || part === undefined)
        return this.#refuses(gateway, { code: 'LS-FED-006', detail: odd ?? '' });
      if (part.fault !== undefined) return;
      if (report.update !== null && report.update.bytes !== DELTA_BYTES) {
        const detail = `the update has ${report.update.bytes} bytes instead of ${DELTA_BYTES}`;
        return this.#drops(gateway, part, { code: 'LS-FED-001', detail });
      }
      await this.#put(gateway, { ...part, report });
      if (campaign.round === 1) await this.#refreshed(gateway, report);
      if (report.update !== null && part.held !== true) await this.#options.askChunk(gateway, report.update.sha256);
      await this.#look();
    });
  }

  /** Handles the bytes of an update. Unrequested bytes are ignored; bytes with a wrong hash are requested again at the next look. */
  onChunk(gateway: string, payload: Uint8Array): Promise<void> {
    return this.#turns.take(async () => {
      const { registry, settings } = this.#options;
      const part = this.#state?.campaign?.parts[gateway];
      const chunk = decodeChunk(payload);
      const named = part?.report?.update?.sha256;
      // An update fits one chunk.
      if (part === undefined || part.fault !== undefined || part.held === true || chunk?.sha256 !== named) return;
      if (chunk === undefined || named === undefined || chunk.index !== 0) return;
      if (createHash('sha256').update(chunk.bytes).digest('hex') !== named) return;
      const delta = decodeDelta(chunk.bytes, settings);
      if (!delta.ok) return this.#drops(gateway, part, delta.fault);
      await registry.keepBytes(named, chunk.bytes);
      await this.#put(gateway, { ...part, held: true });
      await this.#look();
    });
  }

  /** Closes a round that is complete or past its deadline, and requests again the offered updates that have not arrived. */
  look(): Promise<void> {
    return this.#turns.take(async () => {
      await this.#look();
      const campaign = this.#state?.campaign;
      for (const [gateway, { report, held, fault }] of Object.entries(campaign?.parts ?? {}))
        if (report?.update && held !== true && fault === undefined)
          await this.#options.askChunk(gateway, report.update.sha256);
    });
  }

  async #look(): Promise<void> {
    const [state, campaign] = [this.#state, this.#state?.campaign];
    if (state === undefined || campaign === undefined) return;
    const { clock, settings } = this.#options;
    const measuring = isMeasuring(campaign);
    const parts = Object.values(campaign.parts);
    const late = clock.plant.now() >= campaign.deadline;
    if (!late && !parts.every((part) => isSettled(part, measuring))) return;
    const have = parts.filter((part) => counts(part, measuring)).length;
    const need = quorumOf(parts, settings.quorum);
    if (have < need) {
      const why = Object.entries(campaign.parts).flatMap(([gateway, { fault }]) =>
        fault === undefined || fault.code === 'LS-FED-004' ? [] : [`${gateway} ${fault.code}`],
      );
      const text = `Round ${campaign.round} of ${campaign.id} has ${have} of ${need} required updates; the network stays unchanged. ${why.join(', ')}`;
      await this.#save({ ...state, campaign: undefined });
      this.#say(CLOUD, { severity: 'medium', code: 'LS-FED-007', text, subject: campaign.id });
      return;
    }
    if (measuring) await this.#publish(state, campaign);
    else await this.#average(state, campaign);
  }

  async #average(state: FederatedState, campaign: Campaign): Promise<void> {
    const { registry, settings } = this.#options;
    const contributions = [];
    for (const [gateway, part] of Object.entries(campaign.parts)) {
      if (!counts(part, false)) continue;
      const delta = decodeDelta((await registry.bytes(part.report!.update!.sha256))!, settings);
      if (delta.ok) contributions.push({ gateway, samples: part.report!.samples, delta: delta.value });
    }
    const base = await this.#keep(averaged(await this.#weights(state.base), contributions));
    const text = `Round ${campaign.round} of ${campaign.rounds} of ${campaign.id}: the updates of ${contributions.length} gateways are averaged; no load has left them.`;
    this.#say(CLOUD, { severity: 'info', code: 'federated.averaged', text, subject: campaign.id });
    await this.#ask({ ...state, base }, { ...campaign, round: campaign.round + 1 });
  }

  /** Submits a candidate for each gateway that has measured the network; gate, shadow and canary are those of every model. */
  async #publish(state: FederatedState, campaign: Campaign): Promise<void> {
    const { substations, rollout, check } = this.#options;
    const weights = await this.#weights(state.base);
    // Derived from the reports, not from the present: after a kill the same models result and count once. The deadline bounds it, because
    // by the time of a gateway whose clock is ahead no model would ever expire.
    const reportTimes = Object.values(campaign.parts).map(({ report }) => report?.time ?? 0);
    const createdAt = Math.min(campaign.deadline, Math.max(...reportTimes));
    const rounds = `${campaign.rounds} rounds of federated learning`;
    const outcomes: string[] = [];
    for (const [gateway, part] of Object.entries(campaign.parts)) {
      const substation = substations.find((each) => each.gateway === gateway);
      if (substation === undefined || !counts(part, true)) continue;
      const bundle = federatedBundle(weights, substation, { report: part.report!, createdAt });
      const checked = await check(bundle);
      const submitted = checked.ok
        ? await rollout().submit(bundle, {
            release: campaign.id,
            evidence: { days: part.report!.days },
            by: 'loadstone',
            reason: `${rounds}: ${campaign.reason}`,
          })
        : checked;
      outcomes.push(`${gateway} ${submitted.ok ? submitted.value.state : submitted.fault.code}`);
    }
    await this.#save({ ...state, published: { release: campaign.id, base: state.base }, campaign: undefined });
    const text = `${campaign.id}: after ${rounds}, the gateways have scored the network: ${outcomes.join(', ')}. ${this.#privacyOf(campaign)}`;
    this.#say(CLOUD, { severity: 'info', code: 'federated.published', text, subject: campaign.id });
  }

  #privacyOf({ rounds }: Campaign): string {
    const { noiseMultiplier } = this.#options.settings;
    if (noiseMultiplier === 0) return 'Updates were clipped but had no noise, so there is no formal privacy guarantee.';
    const epsilon = epsilonOf({ rounds, noiseMultiplier, delta: PRIVACY_DELTA });
    return `The updates of each gateway in these rounds are (${epsilon.toPrecision(3)}, ${PRIVACY_DELTA})-differentially private towards the cloud (zCDP).`;
  }

  /** Stores a round before it sends it, so that an answer always finds its round. */
  async #ask(state: FederatedState, next: Omit<Campaign, 'deadline' | 'parts'>): Promise<void> {
    const { substations, settings, clock } = this.#options;
    const deadline = Math.round(clock.plant.now() + settings.roundHours * HOUR_MS);
    const parts = Object.fromEntries(
      substations.map(({ gateway }) => [gateway, { task: `${next.id}-r${next.round}-${fnv1a(gateway).toString(36)}` }]),
    );
    await this.#save({ ...state, campaign: { ...next, deadline, parts } });
    await this.#send(() => true);
  }

  async #send(to: (part: Part) => boolean): Promise<void> {
    const { settings, sendTask, registry } = this.#options;
    const [state, campaign] = [this.#state, this.#state?.campaign];
    if (state === undefined || campaign === undefined) return;
    const base = { base: state.base, bytes: (await registry.bytes(state.base))!.length, network: NETWORK_VERSION };
    for (const [gateway, part] of Object.entries(campaign.parts))
      if (part.fault === undefined && to(part))
        await sendTask(gateway, taskOf(campaign, { id: part.task, ...base }, settings));
  }

  /** The base of the first round is the result of the last campaign, so its losses are the newest of the active models. */
  async #refreshed(gateway: string, report: TrainingReport): Promise<void> {
    const { registry, substations } = this.#options;
    const { published } = this.#state!;
    const substation = substations.find((each) => each.gateway === gateway);
    const active = substation && (await registry.active(`substation:${substation.id}`, 'gateway'));
    if (active !== undefined && published?.base === report.base && active.release === published.release)
      await registry.refreshDays(active.manifest.id, report.days);
  }

  async #weights(sha256: string): Promise<Float32Array> {
    const bytes = await this.#options.registry.bytes(sha256);
    if (bytes === undefined) throw new Error(`the weights ${sha256} are not in the registry`);
    return weightsOf(bytes);
  }

  async #keep(weights: Float32Array): Promise<string> {
    const bytes = new Uint8Array(4 * weights.length);
    const view = new DataView(bytes.buffer);
    for (const [i, weight] of weights.entries()) view.setFloat32(4 * i, weight, true);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await this.#options.registry.keepBytes(sha256, bytes);
    return sha256;
  }

  async #put(gateway: string, part: Part): Promise<void> {
    const state = this.#state!;
    const campaign = state.campaign!;
    await this.#save({ ...state, campaign: { ...campaign, parts: { ...campaign.parts, [gateway]: part } } });
  }

  async #save(state: FederatedState): Promise<void> {
    await this.#options.registry.keepFederated(state);
    this.#state = state;
  }

  async #drops(gateway: string, part: Part, fault: { readonly code: string; readonly detail: string }): Promise<void> {
    await this.#put(gateway, { ...part, fault });
    this.#refuses(gateway, fault);
    await this.#look();
  }

  #refuses(gateway: string, { code, detail }: { readonly code: string; readonly detail: string }): void {
    this.#say(gateway, { severity: 'medium', code, text: `An update of federated learning is refused: ${detail}` });
  }

  #say(source: string, event: Pick<LoadstoneEvent, 'severity' | 'code' | 'text' | 'subject'>): void {
    const time = Math.round(this.#options.clock.plant.now());
    this.#options.report(source, { ...event, time, kind: 'event', text: fitText(event.text, EVENT_TEXT) });
  }
}
