import { Type, type Static } from 'typebox';
import { parseJson } from '../../shared/codec/json.ts';
import { kidOf, type SigningKey } from '../../shared/codec/signed-document.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import { PublicKey, verifyKeyList, type KeyList, type KeyRole, type PinnedKeys } from '../../shared/pki/key-list.ts';
import type { Disk } from '../../shared/ports/disk.ts';

export const KEYS_FILE = 'keys.json';

/** `by`: the single key that introduced the root, where no root was pinned on site. */
const Stored = Type.Object({ root: PublicKey, list: Type.String(), by: Type.Optional(Type.String()) });
type Stored = Static<typeof Stored>;
const checkStored = checker(Stored, 'LS-DOC-005');

/** The root that counts here, and the newest list of it. */
interface InForce {
  readonly root: SigningKey;
  readonly by: string | undefined;
  readonly list: KeyList | undefined;
}

/**
 * Which keys count at this gateway. A root that is pinned on site signs the list of them, and a newer list ends the keys of the one
 * before. A gateway that was given a single key takes the first list, and its root, from that key; from then on the root alone counts.
 * What that key introduced stays while the file pins it: whoever puts another file there begins anew.
 */
export class KeyRing {
  readonly #pins: PinnedKeys;
  readonly #disk: Disk;
  #inForce: InForce | undefined;
  #isLoaded = false;
  /** One after the other: what comes behind a list is judged by it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(pins: PinnedKeys, disk: Disk) {
    this.#pins = pins;
    this.#disk = disk;
  }

  /** Of the list in force; 0: none. */
  get generation(): number {
    return this.#inForce?.list?.generation ?? 0;
  }

  load(): Promise<void> {
    return this.#next(() => this.#load());
  }

  /** The keys that count for a role: none where a root is pinned and its list cannot be read, or the disk does not answer. */
  keys(role: KeyRole): Promise<readonly SigningKey[]> {
    return this.#next(async () => {
      await this.#load();
      if (!this.#isLoaded) return [];
      return this.#inForce === undefined ? this.#pins.keys : (this.#inForce.list?.roles[role] ?? []);
    });
  }

  /** Takes a list that the cloud sent; it is on the disk before it counts. Answers whether it is new; LS-DOC-013 where it is older. */
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
      this.#inForce = { root: pinned.root, by: undefined, list: undefined };
      for (const list of [pinned.list, stored?.list]) if (list !== undefined) await this.#adopt(this.#inForce, list);
    } else if (stored?.by !== undefined && keys.some(({ kid }) => kid === stored.by))
      await this.#adopt({ root: stored.root, by: stored.by, list: undefined }, stored.list);
  }

  async #stored(): Promise<Stored | undefined> {
    const bytes = await this.#disk.read(KEYS_FILE);
    const parsed = bytes === undefined ? undefined : parseJson(new TextDecoder().decode(bytes), { code: 'LS-DOC-005' });
    const stored = parsed?.ok === true ? checkStored(parsed.value) : undefined;
    return stored?.ok === true ? stored.value : undefined;
  }

  /** Of two lists the newer one. One that was introduced is signed by the key that did so. */
  async #adopt({ root, by }: InForce, jws: string): Promise<void> {
    const signers = by === undefined ? [root] : [root, ...this.#pins.keys];
    const list = await verifyKeyList(jws, signers);
    if (list.ok && list.value.root.x === root.x && list.value.generation > this.generation)
      this.#inForce = { root, by, list: list.value };
  }

  async #take(jws: string): Promise<Outcome<boolean>> {
    await this.#load();
    if (!this.#isLoaded) return bad('LS-DOC-007', 'the disk does not answer');
    const held = this.#inForce;
    const verified = await verifyKeyList(jws, held === undefined ? this.#pins.keys : [held.root]);
    if (!verified.ok) return verified;
    const list = verified.value;
    const { generation } = list;
    if (held !== undefined && list.root.x !== held.root.x)
      return bad('LS-DOC-001', 'the list names another root than the one that is pinned');
    if (JSON.stringify(list) === JSON.stringify(held?.list)) return good(false);
    if (generation <= this.generation)
      return bad('LS-DOC-013', `generation ${generation}; this gateway holds ${this.generation}`);
    const by = held === undefined ? kidOf(jws) : held.by;
    const stored: Stored = { root: list.root, list: jws, ...(by === undefined ? {} : { by }) };
    try {
      await this.#disk.replace(KEYS_FILE, new TextEncoder().encode(JSON.stringify(stored)));
    } catch (error) {
      return bad('LS-DOC-007', error instanceof Error ? error.message : 'the disk does not answer');
    }
    this.#inForce = { root: list.root, by, list };
    return good(true);
  }
}
