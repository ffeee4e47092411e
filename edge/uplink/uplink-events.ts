import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import type { Fault, Outcome } from '../../shared/outcome/outcome.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Journal } from '../journal/journal.ts';
import type { Notice } from '../journal/quarantine.ts';
import { EventFolder } from './event-folder.ts';
import { codeOf, troubleWords } from './trouble.ts';
import { RESET_FILE, resetToTell } from './trust-reset.ts';

export interface UplinkEventsParts {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly journal: Pick<Journal, 'append' | 'flush' | 'state'>;
}

const MAX_TEXT = 500;

/** Writes events to the journal with repeats folded, and creates the uplink's own events. */
export class UplinkEvents {
  readonly #parts: UplinkEventsParts;
  readonly #folder = new EventFolder();
  /** Events that the journal had no room for. */
  #lost = 0;

  constructor(parts: UplinkEventsParts) {
    this.#parts = parts;
  }

  take(event: LoadstoneEvent): void {
    const unfolded = this.#folder.add(event, this.#parts.clock.machine.elapsed());
    if (unfolded !== undefined) this.#append(unfolded);
  }

  /** Writes folded repeats whose window has ended, and how many events were lost. */
  turn(): void {
    this.#writeDue(this.#parts.clock.machine.elapsed());
  }

  /** Writes all folded repeats. */
  finish(): void {
    this.#writeDue(Number.POSITIVE_INFINITY);
  }

  #writeDue(until: number): void {
    for (const event of this.#folder.due(until)) this.#append(event);
    if (this.#lost === 0) return;
    const text = formatMessage('LS-JOURNAL-001', '{count} {stream} are lost: {error}', {
      count: this.#lost,
      stream: 'events',
      error: 'the queue for the disk was full',
    });
    if (this.#put({ time: this.#now(), kind: 'event', severity: 'high', code: 'LS-JOURNAL-001', text })) this.#lost = 0;
  }

  notice({ code, detail, active }: Notice): void {
    const base = { time: this.#now(), severity: 'high' as const, code, text: detail };
    this.take(active === undefined ? { ...base, kind: 'event' } : { ...base, kind: 'alarm', active });
  }

  /** Reports why there is no connection; the caller calls it once per reason. Returns the reason with its remedy. */
  trouble(url: string, reason: string): string {
    const words = troubleWords(reason);
    const text = formatMessage('any', 'no uplink to {url}: {error}', { url, error: words });
    this.#tell('low', codeOf(reason) ?? 'uplink.down', text);
    return words;
  }

  /** Reports records that the cloud has permanently refused. */
  refused(stream: string, refused: readonly { readonly offset: number; readonly code: string }[]): void {
    const first = refused[0];
    if (first === undefined) return;
    const text = formatMessage('any', '{count} {stream} were refused by the cloud, offset {offset} with {refusal}', {
      count: refused.length,
      stream,
      offset: first.offset,
      refusal: first.code,
    });
    this.#tell('medium', first.code, text);
  }

  heartbeatRefused(): void {
    this.#tell(
      'medium',
      'LS-DOC-001',
      formatMessage('LS-DOC-001', 'a heartbeat was refused: no key that is pinned here has signed it for this gateway'),
    );
  }

  /** `taken`: whether a new list of keys is in force, or why it is refused. */
  keys(taken: Outcome<boolean>, generation: number): void {
    if (!taken.ok) this.#keysRefused(taken.fault);
    else if (taken.value) {
      const text = formatMessage(
        'keys.taken',
        'the keys of generation {generation} count from now on; older ones have ended',
        { generation },
      );
      this.#tell('info', 'keys.taken', text);
    }
  }

  #keysRefused({ code, detail }: Fault): void {
    this.#tell('medium', code, formatMessage('any', 'a list of keys is refused: {detail}', { detail }));
  }

  notFinite({ device, values }: Frame): void {
    const names = values.filter(({ value }) => !Number.isFinite(value)).map(({ metric }) => metric);
    const text = formatMessage('LS-INGEST-002', '{device}: {figures} is no finite number and was left out', {
      device,
      figures: names.join(', '),
    });
    this.take({ time: this.#now(), kind: 'event', severity: 'low', code: 'LS-INGEST-002', text, device });
  }

  /** Reports a trust reset that was done while the gateway was stopped, and removes its record once the event is in the journal. */
  async tellReset(): Promise<void> {
    const { disk, journal } = this.#parts;
    const event = await resetToTell(disk, this.#now());
    if (event === undefined) return;
    this.take(event);
    await journal.flush();
    // A full disk stored nothing, so the next start reports it.
    if (journal.state().writable) await disk.remove(RESET_FILE).catch(() => undefined);
  }

  #tell(severity: 'info' | 'low' | 'medium', code: ErrorCode | (string & {}), text: string): void {
    this.take({ time: this.#now(), kind: 'event', severity, code, text });
  }

  #append(event: LoadstoneEvent): void {
    if (!this.#put(event)) this.#lost += event.count ?? 1;
  }

  /** False if the journal has no room. */
  #put(event: LoadstoneEvent): boolean {
    const bounded = { ...event, text: event.text.slice(0, MAX_TEXT), time: Math.round(event.time) };
    return this.#parts.journal.append('events', new TextEncoder().encode(JSON.stringify(bounded)));
  }

  #now(): number {
    return this.#parts.clock.plant.now();
  }
}
