import { randomBytes } from 'node:crypto';
import { rateCells } from '../callers/rate-limit.ts';
import { Freshness } from './freshness.ts';

/** What the HTTP server and the front's thread share: made before either. */
export class FrontState {
  readonly secret = randomBytes(18).toString('base64url');
  readonly freshness = new Freshness();
  readonly rates = rateCells();
}
