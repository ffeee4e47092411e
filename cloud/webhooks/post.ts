import { lookup as resolve } from 'node:dns';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isPublicAddress, type Reach } from './allowed-url.ts';

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly reach: Reach;
  /** Certificate of the receiver's authority (PEM); absent: the system's authorities. */
  readonly ca?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Posts a body and returns the status; follows no redirects and reads no response body. The address is checked when the connection is made,
 * so a name that is moved to a private address in between is refused.
 */
export function post({ url, headers, body, reach, ca, signal }: PostRequest): Promise<number> {
  const lookup: NonNullable<RequestOptions['lookup']> = (host, options, done) =>
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const open = (addresses ?? []).filter(({ address }) => reach === 'any' || isPublicAddress(address));
      const [first] = open;
      if (error !== null) done(error, '', 0);
      else if (first === undefined) done(new Error(`${host} has no public address`), '', 0);
      else if (options.all === true) done(null, open);
      else done(null, first.address, first.family);
    });
  return new Promise((answered, failed) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        agent: false,
        lookup,
        signal,
        ...(ca === undefined ? {} : { ca }),
      },
      (response) => {
        answered(response.statusCode ?? 0);
        response.destroy();
      },
    );
    request.on('error', failed);
    request.end(body);
  });
}
