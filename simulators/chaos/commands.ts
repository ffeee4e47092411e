import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandView } from '../../shared/contracts/command.ts';
import type { SelectionView } from '../../shared/contracts/desk.ts';
import type { JournalEntry } from '../../edge/journal/record.ts';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import type { ChaosRig } from './rig.ts';

const DEVICE = 'battery-1';
/** Plant time; the shortest duration of an override. */
const DURATION_S = 60;
const TRY_MS = 60_000;
const AGAIN_MS = 200;

interface Given {
  readonly id: string;
  readonly gateway: string;
  readonly kw: number;
}

interface CommandPage {
  readonly items: readonly CommandView[];
  readonly nextCursor: string | null;
}

/** Overrides of the batteries, each with a unique power by which the field recognises it. */
export class Commands {
  readonly #rig: ChaosRig;
  readonly given: Given[] = [];
  /** Commands that the cloud refused, counted by its last answer: it was away, or saw no link to the gateway. */
  readonly refused = new Map<string, number>();
  #lastWords = '';
  #count = 0;

  constructor(rig: ChaosRig) {
    this.#rig = rig;
  }

  /** Retries for a while: the cloud may be away, or not see the gateway yet, and a busy machine is slow. */
  async give(gateway: string): Promise<void> {
    const kw = -(20 + this.#count++ / 8);
    for (const until = machineMonotonicMs() + TRY_MS; machineMonotonicMs() < until;) {
      if (await this.#tryToGive(gateway, kw)) return;
      await sleep(AGAIN_MS);
    }
    this.refused.set(this.#lastWords, (this.refused.get(this.#lastWords) ?? 0) + 1);
  }

  async #tryToGive(gateway: string, kw: number): Promise<boolean> {
    const path = `/v1/devices/${gateway}/${DEVICE}`;
    const wish = { setpoint: { activePowerKw: kw }, durationS: DURATION_S, reason: 'chaos' };
    try {
      const { token, command } = await this.#rig.api<SelectionView>(`${path}/select`, wish);
      await this.#answered(command);
      const { id } = await this.#rig.api<CommandView>(`${path}/operate`, { token, ...wish });
      this.given.push({ id, gateway, kw });
      return true;
    } catch (error) {
      this.#lastWords = /"detail":"([^"]*)"/.exec(String(error))?.[1] ?? String(error);
      return false;
    }
  }

  /** Waits until the gateway has answered the selection or its time to answer is over. */
  async #answered(command: CommandView | null): Promise<void> {
    for (let now = command; now?.state === 'sent' || now?.state === 'accepted';) {
      await sleep(AGAIN_MS);
      now = await this.#rig.api<CommandView>(`/v1/commands/${now.id}`);
    }
  }

  /** Every command that the cloud knows, except bare selections. */
  async all(): Promise<CommandView[]> {
    const all: CommandView[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: CommandPage = await this.#rig.api<CommandPage>(`/v1/commands?limit=500${from}`);
      all.push(...page.items);
      cursor = page.nextCursor;
    }
    return all;
  }

  /** Violations of the command rules, in words. */
  async violations(journals: ReadonlyMap<string, readonly JournalEntry[]>): Promise<string[]> {
    const found: string[] = [];
    const known = await this.all();
    for (const { id } of this.given)
      if (!known.some((each) => each.id === id)) found.push(`command ${id} was accepted and then forgotten`);
    for (const command of known) {
      const { id, gateway, state } = command;
      if (!ENDS.includes(state)) found.push(`command ${id} has no outcome: it is ${state}`);
      const outcomes = outcomesOf(journals.get(gateway) ?? [], id);
      const ends = [...new Set(outcomes)].filter((stage) => FINAL.includes(stage));
      if (ends.length > 1) found.push(`command ${id} ended ${ends.length} times at ${gateway}: ${ends.join(', ')}`);
      if (state === 'unanswered' && outcomes.length > 0)
        found.push(`command ${id} counts as unanswered, but ${gateway} had it: ${outcomes.join(', ')}`);
    }
    return [...found, ...this.#revived()];
  }

  /** Finds powers set again after a later command: the older command acted twice. */
  #revived(): string[] {
    const found: string[] = [];
    for (const [key, setpoints] of this.#rig.field.setpoints) {
      const gateway = key.split('/')[0];
      if (!key.endsWith(`/${DEVICE}`)) continue;
      const order = this.given.filter((each) => each.gateway === gateway);
      let newest = -1;
      for (const kw of setpoints) {
        const at = order.findIndex((each) => Math.abs(each.kw - kw) < 1e-6);
        if (at >= 0 && at < newest) found.push(`${key} was set to ${kw} kW again after command ${order[newest]?.id}`);
        newest = Math.max(newest, at);
      }
    }
    return found;
  }

  /** Number of commands whose power reached a device. */
  get acted(): number {
    return this.given.filter(({ gateway, kw }) =>
      this.#rig.field.setpoints.get(`${gateway}/${DEVICE}`)?.some((setpoint) => Math.abs(setpoint - kw) < 1e-6),
    ).length;
  }
}

const ENDS: readonly CommandView['state'][] = ['refused', 'superseded', 'completed', 'unanswered'];
const FINAL = ['rejected', 'superseded', 'completed', 'expired'];

/** Stages of a command among the outcomes in the journal. */
function outcomesOf(entries: readonly JournalEntry[], id: string): string[] {
  return entries.flatMap(({ stream, payload }) => {
    if (stream !== 'events') return [];
    const event = JSON.parse(new TextDecoder().decode(payload)) as { kind: string; code: string; text: string };
    const words = event.kind === 'outcome' ? /^override (\S+) is (\S+?)(:|$)/.exec(event.text) : null;
    return words?.[1] === id ? [words[2]!] : [];
  });
}
