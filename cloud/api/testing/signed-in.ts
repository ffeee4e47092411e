import { csrfOf, type People } from '../../access/people.ts';

/** Signs in a user with the password `<name>-password`, and returns the headers of a request from the page. */
export async function signedIn(people: Pick<People, 'signIn'>, user: string): Promise<Record<string, string>> {
  const session = await people.signIn(user, `${user}-password`);
  return {
    host: 'localhost',
    origin: 'http://localhost',
    cookie: `loadstone-session=${session}`,
    'x-csrf-token': csrfOf(session),
  };
}
