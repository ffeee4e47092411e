import type { FromUplink, Restored, ToUplink, Uplink } from '../../uplink/channel.ts';

/** An in-memory uplink: records what it is sent, and delivers what a test hands it. */
export class FakeUplink implements Uplink {
  readonly sent: ToUplink[] = [];
  restored: Restored = { stateJson: null, documents: [], model: null };
  /** Set: the disk gives the restored state only at `give`. */
  late = false;
  full = false;
  stopped = false;
  readonly #given = Promise.withResolvers<void>();
  #handler: ((message: FromUplink) => void) | undefined;

  async start(handler: (message: FromUplink) => void): Promise<Restored> {
    this.#handler = handler;
    if (this.late) await this.#given.promise;
    return this.restored;
  }

  give(restored: Restored): void {
    this.restored = restored;
    this.#given.resolve();
  }

  send(message: ToUplink): boolean {
    if (this.full) return false;
    this.sent.push(message);
    return true;
  }

  async stop(): Promise<void> {
    this.stopped = true;
  }

  down(message: FromUplink): void {
    this.#handler?.(message);
  }

  of<Kind extends ToUplink['kind']>(kind: Kind): Extract<ToUplink, { kind: Kind }>[] {
    return this.sent.filter((message): message is Extract<ToUplink, { kind: Kind }> => message.kind === kind);
  }

  /** `stage` of every report of an id, oldest first. */
  stages(id: string): string[] {
    return this.of('report')
      .map(({ report }) => report)
      .filter((report) => report.id === id)
      .map(({ stage, code }) => (code === undefined ? stage : `${stage} ${code}`));
  }

  eventCodes(): string[] {
    return this.of('events').flatMap(({ events }) =>
      events.map(({ code, active }) => (active === false ? `-${code}` : code)),
    );
  }
}
