import { shown, type Answer, type Asked, type Door } from './door.ts';

/** A user signed in at the page. */
export class Person {
  readonly door: Door;
  readonly name: string;
  readonly password: string;
  readonly cookie: string;
  readonly csrf: string;

  private constructor(door: Door, name: string, password: string, answer: Answer) {
    if (answer.status !== 200) throw new Error(`${name} cannot sign in: ${shown(answer)}`);
    this.door = door;
    this.name = name;
    this.password = password;
    this.cookie = String(answer.headers['set-cookie']).split(';')[0]!;
    this.csrf = (JSON.parse(answer.text) as { csrf: string }).csrf;
  }

  static async signIn(door: Door, name: string, password: string): Promise<Person> {
    const body = { user: name, password };
    const origin = { origin: door.origin };
    return new Person(door, name, password, await door.ask('/v1/session', { method: 'POST', headers: origin, body }));
  }

  /** Signs in with a one-time password, which only allows setting a new one. */
  static async first(door: Door, name: string, once: string): Promise<Person> {
    const guest = await Person.signIn(door, name, once);
    const next = `${once} of long standing`;
    const changed = await guest.asks('/v1/session/password', { method: 'PUT', body: { current: once, next } });
    return new Person(door, name, next, changed);
  }

  /** Sends a request like the page. */
  asks(path: string, { headers = {}, ...asked }: Asked = {}): Promise<Answer> {
    const own = { cookie: this.cookie, origin: this.door.origin, 'x-csrf-token': this.csrf };
    return this.door.ask(path, { ...asked, headers: { ...own, ...headers } });
  }
}
