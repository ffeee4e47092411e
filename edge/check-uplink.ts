import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Link, PublishOptions } from '../shared/ports/link.ts';
import type { Random } from '../shared/ports/random.ts';
import type { Clock } from '../shared/time/clock.ts';
import { readJournal } from './journal/inspect.ts';
import { NodeDisk } from './journal/node-disk.ts';
import type { UplinkConfig } from './uplink/config.ts';
import { KEYS_FILE } from './uplink/key-ring.ts';
import { UplinkCore } from './uplink/uplink-core.ts';

/** Findings about the connection to the cloud. */
export interface LineFindings {
  /** CONNECT, subscriptions and the host's STATE succeeded, and the births were sent. */
  readonly connected: boolean;
  /** Why there is no connection, with its remedy. */
  readonly trouble: string | null;
  /** Whether a document of the cloud was accepted, or why it was refused; null: none came. */
  readonly signed: { readonly taken: boolean; readonly text: string } | null;
}

export interface LineProbe {
  readonly clock: Clock;
  readonly random: Random;
  /** The daemon's own link to the broker. */
  readonly link: Link;
  readonly patienceMs: number;
}

const LOOK_MS = 100;

/**
 * Connects with the daemon's own code and waits for a signed document of the cloud. It sends nothing except its births and keeps
 * nothing, so to the cloud the documents are still undelivered.
 */
export async function probeLine(
  config: UplinkConfig,
  { clock, random, link, patienceMs }: LineProbe,
): Promise<LineFindings> {
  const path = mkdtempSync(join(tmpdir(), 'loadstone-check-'));
  const disk = new NodeDisk(path);
  const held = join(config.journal.path, KEYS_FILE);
  if (existsSync(held)) copyFileSync(held, join(path, KEYS_FILE));
  const found: { -readonly [Key in keyof LineFindings]: LineFindings[Key] } = {
    connected: false,
    trouble: null,
    signed: null,
  };
  const { federated: _none, ...own } = config;
  const ports = { clock, link: new QuietLink(link), disk, random };
  const core = new UplinkCore({ ...own, journal: { ...config.journal, path } }, ports);
  try {
    await core.start((message) => {
      if (message.kind === 'link') found.connected ||= message.connected;
      if (message.kind === 'trouble') found.trouble ??= message.text;
      if (message.kind === 'document')
        found.signed ??= { taken: true, text: `a signed ${message.document.type} was accepted` };
    });
    for (let waited = 0; waited < patienceMs && found.signed === null && found.trouble === null; waited += LOOK_MS)
      await new Promise<void>((resolve) => void clock.machine.after(LOOK_MS, resolve));
    if (!found.connected)
      found.trouble ??= link.connected
        ? `connected, but the host ${config.hostId} is not online: check that the cloud uses this broker and that uplink.hostId is its name`
        : 'no answer yet';
  } finally {
    await core.stop();
    found.signed ??= await refusalIn(disk);
    rmSync(path, { recursive: true, force: true });
  }
  return found;
}

/** Lets only births and deaths through. */
class QuietLink implements Link {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  get connected(): boolean {
    return this.#link.connected;
  }

  open(...args: Parameters<Link['open']>): void {
    this.#link.open(...args);
  }

  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<boolean> {
    return topic.startsWith('spBv1.0/') ? this.#link.publish(topic, payload, options) : Promise.resolve(true);
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

/** Finds the event about a refused document. */
async function refusalIn(disk: NodeDisk): Promise<LineFindings['signed']> {
  for await (const { stream, payload } of readJournal(disk)) {
    if (stream !== 'events') continue;
    const { code, text } = Object(JSON.parse(new TextDecoder().decode(payload))) as { code?: string; text?: string };
    if (text?.includes(' is refused: ') === true) return { taken: false, text: `${code}: ${text}` };
  }
  return null;
}
