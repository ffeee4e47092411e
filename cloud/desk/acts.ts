import { randomBytes } from 'node:crypto';
import type { CommandBody } from '../../shared/contracts/document.ts';
import type { CommandView } from '../../shared/contracts/command.ts';
import { isCritical } from '../../shared/contracts/critical-act.ts';
import type { Act, ActAnswer, ApprovalView, DeskSubstationView, DeskView } from '../../shared/contracts/desk.ts';
import { headId, type Region, type RegionSubstation } from '../../shared/contracts/region.ts';
import type { HealthReport } from '../../shared/contracts/report.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { CommandLine, CommandLineOptions } from './command-line.ts';
import type { StoredApproval, StoredCommand } from './desk-store.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

export interface ActsOptions extends Pick<CommandLineOptions, 'clock' | 'store' | 'link' | 'health'> {
  readonly region: Region;
  readonly line: CommandLine;
}

/** How long an act waits for a second person, machine time. */
const APPROVAL_MS = 15 * 60_000;
const SHOWN_APPROVALS = 50;

interface ActBy {
  readonly user: string;
  readonly reason: string;
  readonly approver?: string;
}

/** Destination of an act: a gateway, and the part of it that is meant. */
interface Place {
  readonly gateway: string;
  readonly part: Pick<CommandBody, 'device' | 'feeder'>;
  readonly element: string;
}

/** Stops, modes, tags, raised limits and decisions on plans. The critical set needs a second person. */
export class Acts {
  readonly #options: ActsOptions;

  constructor(options: ActsOptions) {
    this.#options = options;
  }

  /**
   * Performs an act, or submits it for approval by a second person. Throws LS-API-004 and LS-API-007 for an impossible one, LS-DESK-008 if
   * only some gateways were sent it.
   */
  async ask(user: string, act: Act, reason: string): Promise<ActAnswer> {
    this.#places(act);
    if (!isCritical(act)) return { commands: await this.#perform(act, { user, reason }), approval: null };
    const { store, clock } = this.#options;
    const id = `apr-${randomBytes(9).toString('hex')}`;
    const createdAt = clock.machine.now();
    await store.ask({ id, act, user, reason, createdAt, expiresAt: createdAt + APPROVAL_MS });
    return { commands: [], approval: await this.approval(id) };
  }

  /** Throws LS-API-004 for an unknown request. */
  async approval(id: string): Promise<ApprovalView> {
    const found = await this.#options.store.approval(id);
    if (found === undefined) throw new LoadstoneError('LS-API-004', `there is no request "${id.slice(0, 64)}"`);
    return this.#approvalView(found);
  }

  async approvals(): Promise<ApprovalView[]> {
    return (await this.#options.store.approvals(SHOWN_APPROVALS)).map((each) => this.#approvalView(each));
  }

  /**
   * A second person approves or refuses, once. Throws LS-DESK-005 for the requester, LS-API-005 for a request that is no longer open,
   * LS-DESK-008 if only some gateways were sent the approved act. If none was, the request can be approved again.
   */
  async decide(user: string, id: string, decision: { approve: boolean; why: string }): Promise<ActAnswer> {
    const { store, clock } = this.#options;
    const before = await this.approval(id);
    if (before.user === user) throw new LoadstoneError('LS-DESK-005', 'the requester cannot approve the request');
    if (before.state === 'expired') throw new LoadstoneError('LS-API-005', 'the request has expired');
    // Without a link the request stays undecided until the gateway answers.
    if (decision.approve) this.#assertReach(before.act);
    const state = decision.approve ? 'approved' : 'refused';
    if (!(await store.decide(id, { state, by: user, why: decision.why, now: clock.machine.now() })))
      throw new LoadstoneError('LS-API-005', `the request is already ${(await this.approval(id)).state}`);
    const by = { user: before.user, reason: before.reason, approver: user };
    const commands = decision.approve ? await this.#performOrReopen(id, before.act, by) : [];
    return { commands, approval: await this.approval(id) };
  }

  /** Resends stops that did not reach a gateway, once it is back. Only a person lifts a stop. Throws the first failure after trying all. */
  async onBorn(gateway: string): Promise<void> {
    const stops = this.#options.line.standing.lastStops(gateway);
    const given = await Promise.allSettled(stops.map((stop) => this.#stopAgain(stop)));
    for (const each of given) if (each.status === 'rejected') throw each.reason;
  }

  async #stopAgain({ body, gateway, target, approver }: StoredCommand): Promise<void> {
    const { line } = this.#options;
    if (body.kind !== 'stop') return;
    // If its progress is unknown, the stop is sent: a duplicate does no harm, a missing one does.
    const stages = await line.stopStages(body.id);
    const came = stages.some(({ stage }) => ['applied', 'verified', 'rejected'].includes(stage));
    // Somebody may have lifted it meanwhile.
    const isLast = line.standing.lastStops(gateway).some((last) => last.body.id === body.id);
    if (came || !isLast) return;
    const { id: _id, ...again } = body;
    const stop = { target, gateway, approver: approver ?? undefined, body: { ...again, expiresAt: line.soon() } };
    // A stop that is lifted while this one is being stored stays lifted.
    await line.give({ ...stop, isAgain: true }).catch((error: unknown) => {
      if (!(error instanceof LoadstoneError && error.code === 'LS-API-005')) throw error;
    });
  }

  /** The author of the newest stop that covers a device, if it was given here and is not lifted. */
  stopper(gateway: string, device: string): { readonly user: string; readonly reason: string } | undefined {
    const { region, line } = this.#options;
    const own = region.substations.find((each) => each.gateway === gateway);
    const feeder = own?.devices.find(({ id }) => id === device)?.feeder;
    const covering = line.standing
      .lastStops(gateway)
      .filter(
        ({ body }) =>
          body.kind === 'stop' &&
          (body.device === undefined || body.device === device) &&
          (body.feeder === undefined || body.feeder === feeder),
      );
    return covering.toSorted((a, b) => b.number - a.number)[0]?.body;
  }

  /** Modes, stops, tags and raised limits as the gateways report them. */
  view(plan: (substation: string) => { readonly id: string; readonly status: string } | undefined): DeskView {
    const { region } = this.#options;
    return {
      region: region.id,
      substations: region.substations.map((each) => this.#substation(each, plan(each.id))),
    };
  }

  async #performOrReopen(id: string, act: Act, by: ActBy & { readonly approver: string }): Promise<CommandView[]> {
    try {
      return await this.#perform(act, by);
    } catch (error) {
      const wasSent = error instanceof LoadstoneError && error.code === 'LS-DESK-008';
      // The store may be what failed; the operator must then see why.
      if (!wasSent) await this.#options.store.reopen(id, by.approver).catch(() => undefined);
      throw error;
    }
  }

  async #perform(act: Act, { user, reason, approver }: ActBy): Promise<CommandView[]> {
    const { line } = this.#options;
    const places = this.#assertReach(act);
    const given = await Promise.allSettled(
      places.map(({ gateway, part, element }) =>
        line.give({
          target: act.target,
          gateway,
          approver,
          body: {
            kind: act.kind,
            ...(act.kind === 'emergency' || act.kind === 'normal' ? { element } : part),
            ...(act.kind === 'mode' ? { mode: act.mode } : {}),
            ...('plan' in act ? { plan: act.plan } : {}),
            reason,
            user,
            expiresAt: act.kind === 'emergency' ? line.now() + act.durationS * 1000 : line.soon(),
          },
        }),
      ),
    );
    const failed = given.flatMap((each, at) =>
      each.status === 'rejected' ? [{ gateway: places[at]!.gateway, reason: each.reason as unknown }] : [],
    );
    const sent = given.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    if (failed.length === 0) return sent;
    if (sent.length === 0) throw failed[0]!.reason;
    const why = failed.map(({ gateway, reason }) => `${gateway} (${messageOf(reason)})`);
    const reached = sent.map(({ gateway }) => gateway).join(', ');
    throw new LoadstoneError('LS-DESK-008', `${act.kind} was sent to ${reached}, but not to ${why.join(', ')}`);
  }

  /** A stop is sent whatever the state of the link. Every other act needs a gateway that answers. */
  #assertReach(act: Act): Place[] {
    const places = this.#places(act);
    if (act.kind !== 'stop') for (const { gateway } of places) this.#options.line.assertLink(gateway);
    return places;
  }

  #places({ kind, target }: Act): Place[] {
    const { region } = this.#options;
    const colon = target.indexOf(':');
    const [level, id] = [target.slice(0, colon), target.slice(colon + 1)];
    const whole = ({ gateway, id: element }: RegionSubstation): Place => ({ gateway, part: {}, element });
    const places = region.substations.flatMap((substation): Place[] => {
      const { gateway, network, devices } = substation;
      if (level === 'region' && id === region.id) return [whole(substation)];
      if (level === 'substation') return substation.id === id ? [whole(substation)] : [];
      if (level === 'feeder' && network.feeders.some((feeder) => feeder.id === id))
        return [{ gateway, part: { feeder: id }, element: id }];
      const device = devices.find((each) => level === 'device' && `${gateway}/${each.id}` === id);
      return device === undefined ? [] : [{ gateway, part: { device: device.id }, element: device.id }];
    });
    if (places.length === 0) throw new LoadstoneError('LS-API-004', `there is no target "${target.slice(0, 80)}"`);
    if (!LEVELS[kind].includes(level))
      throw new LoadstoneError(
        'LS-API-007',
        `the target of ${kind} must be one of ${LEVELS[kind].join(', ')}, not a ${level}`,
        '/body/target',
      );
    return places;
  }

  #approvalView({ expiresAt, state, ...rest }: StoredApproval): ApprovalView {
    const leftMs = expiresAt - this.#options.clock.machine.now();
    // A longer wait means that the clock has been set back since the request, whose age is now unknown.
    const expiresInMs = leftMs > 2 * APPROVAL_MS ? 0 : Math.max(0, leftMs);
    return { ...rest, expiresInMs, state: state === 'waiting' && expiresInMs === 0 ? 'expired' : state };
  }

  #substation(
    substation: RegionSubstation,
    plan: { readonly id: string; readonly status: string } | undefined,
  ): DeskSubstationView {
    const { id, name, gateway, network, devices } = substation;
    const { link, health } = this.#options;
    const report = health(gateway)?.report;
    const verdict = report?.judged !== undefined && report.judged.plan === plan?.id ? report.judged.verdict : null;
    return {
      id,
      name,
      gateway,
      gatewayLink: link(gateway).state,
      stopped: report?.stopped ?? null,
      emergencyUntil: raisedUntil(report, 'transformer'),
      plan: plan === undefined ? null : { id: plan.id, status: plan.status, verdict },
      feeders: network.feeders.map((feeder) => {
        const own = devices.filter((device) => device.feeder === feeder.id).map((device) => device.id);
        const reported = report?.devices.filter(({ device }) => own.includes(device));
        return {
          id: feeder.id,
          name: feeder.name,
          mode: reported?.[0]?.mode ?? report?.mode ?? null,
          devices: own.length,
          stopped: reported?.filter(({ stopped }) => stopped === true).length ?? null,
          tagged: reported?.filter(({ tagged }) => tagged === true).length ?? null,
          emergencyUntil: raisedUntil(report, headId(substation, feeder.id)),
        };
      }),
    };
  }
}

/** Permitted target levels of each act. */
const LEVELS: Readonly<Record<Act['kind'], readonly string[]>> = {
  stop: ['device', 'feeder', 'substation', 'region'],
  resume: ['device', 'feeder', 'substation', 'region'],
  tag: ['device', 'feeder'],
  untag: ['device', 'feeder'],
  mode: ['feeder', 'substation', 'region'],
  'approve-plan': ['substation'],
  'refuse-plan': ['substation'],
  emergency: ['feeder', 'substation'],
  normal: ['feeder', 'substation'],
};

const raisedUntil = (report: HealthReport | undefined, element: string): number | null =>
  report?.emergency?.find((each) => each.element === element)?.expiresAt ?? null;
