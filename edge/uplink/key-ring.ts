import { Type, type Static } from 'typebox';
import { parseJson } from '../../shared/codec/json.ts';
import { kidOf, type SigningKey } from '../../shared/codec/signed-document.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import {
  followKeyLists,
  PublicKey,
  publicKeyOf,
  verifyKeyList,
  type FollowedList,
  type KeyList,
  type KeyRole,
  type PinnedKeys,
} from '../../shared/pki/key-list.ts';
import type { Disk } from '../../shared/ports/disk.ts';

export const KEYS_FILE = 'keys.json';

/**
 * `root`: the pinned or introduced root. `list`: the chain of lists from it to the newest. `by`: the single key that introduced the
 * root, if none was pinned on site.
 */
const Stored = Type.Object({ root: PublicKey, list: Type.String(), by: Type.Optional(Type.String()) });
type Stored = Static<typeof Stored>;
const checkStored = checker(Stored, 'LS-DOC-005');

/** The list in force, and the chain that leads to it. */
interface InForce {
  /** The root pinned on site, or introduced by `by`. */
  readonly first: SigningKey;
  readonly by: string | undefined;
  /** Root of the newest list; initially the pinned one. */
  readonly root: SigningKey;
  /** Lists by which one root handed over to the next, one a line, and the newest list. */
  readonly lines: readonly string[];
  readonly list: KeyList | undefined;
}

/**
 * The keys that are valid at this gateway. A root pinned on site signs their list, and a newer list ends the keys of the previous
 * one. The root hands over to the next root by a list that names it. A gateway that was given a single key takes the first list,
 * and its root, from that key; from then on only the root counts. The introduced root stays while the file pins that key; another
 * file on site starts over.
 */
export class KeyRing {
  readonly #pins: PinnedKeys;
  readonly #disk: Disk;
  #inForce: InForce | undefined;
  #isLoaded = false;
  /** Serializes all calls, so that what follows a list is judged by it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(pins: PinnedKeys, disk: Disk) {
    this.#pins = pins;
    this.#disk = disk;
  }

  /** Generation of the list in force; 0: none. */
  get generation(): number {
    return this.#inForce?.list?.generation ?? 0;
  }

  /** Id of the valid root; undefined: none is pinned. */
  get root(): string | undefined {
    return this.#inForce?.root.kid;
  }

  /** A root is pinned on site, even while the disk does not answer, or was introduced. */
  get hasRoot(): boolean {
    return this.#pins.pinned !== undefined || this.#inForce !== undefined;
  }

  load(): Promise<void> {
    return this.#next(() => this.#load());
  }

  /** The valid keys of a role. There are none while a root is pinned and its list is unreadable, or while the disk does not answer. */
  keys(role: KeyRole): Promise<readonly SigningKey[]> {
    return this.#next(async () => {
      await this.#load();
      if (!this.#isLoaded) return [];
      return this.#inForce === undefined ? this.#pins.keys : (this.#inForce.list?.roles[role] ?? []);
    });
  }

  /** Takes a list from the cloud; it is persisted before it takes effect. Returns whether it is new; LS-DOC-013 if it is older. */
  take(jws: string): Promise<Outcome<boolean>> {
    return this.#next(() => this.#take(jws));
  }

  #next<T>(turn: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(turn);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #load(): Promise<void> {
    if (this.#isLoaded) return;
    const stored = await this.#stored().catch(() => null);
    if (stored === null) return;
    this.#isLoaded = true;
    const { pinned, keys } = this.#pins;
    if (pinned !== undefined) {
      this.#inForce = { first: pinned.root, root: pinned.root, by: undefined, lines: [], list: undefined };
      for (const lines of [pinned.list, stored?.list]) if (lines !== undefined) await this.#adopt(pinned.root, lines);
    } else if (stored?.by !== undefined && keys.some(({ kid }) => kid === stored.by))
      await this.#adopt(stored.root, stored.list, stored.by);
  }

  async #stored(): Promise<Stored | undefined> {
    const bytes = await this.#disk.read(KEYS_FILE);
    const parsed = bytes === undefined ? undefined : parseJson(new TextDecoder().decode(bytes), { code: 'LS-DOC-005' });
    const stored = parsed?.ok === true ? checkStored(parsed.value) : undefined;
    return stored?.ok === true ? stored.value : undefined;
  }

  /** Keeps the newer of two lists. An introduced list must be signed by the key that introduced it. */
  async #adopt(first: SigningKey, lines: string, by?: string): Promise<void> {
    const followed = await followKeyLists(lines, first, by === undefined ? [] : this.#pins.keys);
    if (!followed.ok || followed.value.list.generation <= this.generation) return;
    const { list } = followed.value;
    this.#inForce = { first, by, root: list.root, lines: followed.value.lines, list };
  }

  async #take(jws: string): Promise<Outcome<boolean>> {
    await this.#load();
    if (!this.#isLoaded) return bad('LS-DOC-007', 'the disk does not answer');
    const held = this.#inForce;
    const verified = held === undefined ? await introduced(jws, this.#pins.keys) : await followKeyLists(jws, held.root);
    if (!verified.ok) return verified;
    const { list } = verified.value;
    const { generation, root } = list;
    if (JSON.stringify(list) === JSON.stringify(held?.list)) return good(false);
    if (generation <= this.generation)
      return bad('LS-DOC-013', `generation ${generation}; this gateway holds ${this.generation}`);
    const { first, by } = held ?? { first: root, by: kidOf(jws) };
    const lines = [...(held?.lines.slice(0, -1) ?? []), ...verified.value.lines];
    const stored: Stored = { root: publicKeyOf(first), list: lines.join('\n'), ...(by === undefined ? {} : { by }) };
    try {
      await this.#disk.replace(KEYS_FILE, new TextEncoder().encode(JSON.stringify(stored)));
    } catch (error) {
      return bad('LS-DOC-007', messageOf(error));
    }
    this.#inForce = { first, by, root, lines, list };
    return good(true);
  }
}

/** The first list, signed by a pinned key, while there is no root. */
async function introduced(jws: string, keys: readonly SigningKey[]): Promise<Outcome<FollowedList>> {
  const list = await verifyKeyList(jws, keys);
  return list.ok ? good({ list: list.value, lines: [jws] }) : list;
}
