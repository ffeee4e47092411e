import type { RunningRabbit } from '../testing/rabbitmq.ts';
import type { Certificates } from './certificates.ts';
import type { Door } from './door.ts';
import type { HeldGateway } from './held-gateway.ts';
import type { Person } from './person.ts';
import type { Started } from './started.ts';
import type { UplinkPlace } from './uplink-place.ts';

/** The target lacks what an attack needs; the message names it. */
export class NotHere extends Error {}

/** One user of each role. */
export interface Crew {
  readonly admin: Person;
  /** A second admin, for confirmations. */
  readonly deputy: Person;
  readonly operator: Person;
  readonly viewer: Person;
}

export interface StageParts {
  readonly door?: Door;
  readonly uplink?: UplinkPlace;
  readonly crew?: Crew;
  readonly certificates?: Certificates;
  readonly cloud?: CloudProcess;
  /** The cloud's broker, if it is a separate process. */
  readonly broker?: RunningRabbit;
  /** A gateway connected to the cloud. */
  readonly gateway?: Started;
  /** A gateway whose broker the attacker controls. */
  readonly held?: HeldGateway;
  /** Folder for files of attacks. */
  readonly folder?: string;
}

export interface CloudProcess {
  readonly started: Started;
  readonly config: string;
  readonly data: string;
}

/** The target of the attacks. Access to a missing part throws NotHere. */
export class Stage {
  readonly #parts: StageParts;

  constructor(parts: StageParts) {
    this.#parts = parts;
  }

  get door(): Door {
    return this.#of('door', 'the API');
  }

  get uplink(): UplinkPlace {
    return this.#of('uplink', 'the uplink port (--uplink)');
  }

  get crew(): Crew {
    return this.#of('crew', 'an admin and an operator');
  }

  get certificates(): Certificates {
    return this.#of('certificates', 'the authority that issues certificates');
  }

  get cloud(): CloudProcess {
    return this.#of('cloud', 'the machine of the cloud');
  }

  get broker(): RunningRabbit {
    return this.#of('broker', 'a broker in a process of its own');
  }

  get gateway(): Started {
    return this.#of('gateway', 'a gateway connected to the cloud');
  }

  get held(): HeldGateway {
    return this.#of('held', 'a gateway and the broker that it connects to');
  }

  get folder(): string {
    return this.#of('folder', 'a folder');
  }

  /** The attacked processes that are our own. */
  pids(): number[] {
    const { cloud, broker, gateway, held } = this.#parts;
    return [cloud?.started, broker, gateway, held?.daemon].flatMap((each) =>
      each?.isRunning === true ? [each.pid] : [],
    );
  }

  #of<K extends keyof StageParts>(name: K, what: string): NonNullable<StageParts[K]> {
    const part = this.#parts[name];
    if (part === undefined || part === null) throw new NotHere(`it needs ${what}`);
    return part;
  }
}
