import { Type, type Static } from 'typebox';
import { isHome } from '../../shared/config/is-home.ts';
import type { RefuseConfig } from '../../shared/config/read-config.ts';
import { Id } from '../../shared/contracts/ids.ts';
import { readNamed } from '../../shared/files/named-file.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { postUrl } from '../webhooks/allowed-url.ts';
import { channelKeys, checkQuietHours } from './channel-config.ts';

const place = {
  url: Type.String({
    maxLength: 500,
    description: 'https, also to a private address; http only to this machine',
  }),
  secretFile: Type.String({
    minLength: 1,
    description: 'file with the signing secret: whsec_ and 24 to 64 random bytes in base64',
  }),
};

/** Alarms by webhook: a first receiver, and one for unacknowledged alarms. */
export const WebhookConfig = Type.Object(
  {
    name: Id,
    ...place,
    caFile: Type.String({
      default: '',
      description: 'certificate of the authority of the receivers (PEM); empty: the authorities of the system',
    }),
    escalateTo: Type.Optional(
      Type.Object(place, {
        additionalProperties: false,
        description: 'receiver if nobody acknowledges; absent: none',
      }),
    ),
    ...channelKeys,
  },
  { additionalProperties: false },
);
export type WebhookConfig = Static<typeof WebhookConfig>;
type Place = Pick<WebhookConfig, 'url' | 'secretFile'>;

/** Checks beyond the schema. */
export function checkWebhooks(webhooks: readonly WebhookConfig[], refuse: RefuseConfig): void {
  for (const [at, { name, url, escalateTo, caFile, quietHours }] of webhooks.entries()) {
    const path = `/notify/webhooks/${at}`;
    const no = (key: string, text: string): void => refuse(`${path}/${key}`, 'LS-CONFIG-002', text);
    if (webhooks.findIndex((each) => each.name === name) < at)
      no('name', `${name} is the name of another webhook: give each its own`);
    checkUrl(url, (text) => no('url', text));
    if (escalateTo !== undefined) checkUrl(escalateTo.url, (text) => no('escalateTo/url', text));
    if (escalateTo?.url === url) no('escalateTo/url', 'is the same as url: give another receiver');
    if (caFile !== '' && [url, escalateTo?.url].every((each) => each?.startsWith('https:') !== true))
      no('caFile', 'has no effect without TLS: leave it out');
    checkQuietHours(quietHours, path, refuse);
  }
}

function checkUrl(text: string, no: (text: string) => void): void {
  const url = postUrl(text);
  if (url === undefined) no('must be an https or http URL without user name');
  else if (url.protocol === 'http:' && !isHome(url.hostname.replaceAll(/^\[|\]$/g, '')))
    no(`http is only for a receiver on this machine, not for ${url.hostname}: use https`);
}

export interface WebhookSecrets {
  readonly first: string;
  /** Of `escalateTo`. */
  readonly next?: string;
  readonly ca?: string;
}

/** Reads a webhook's files. Throws LS-CONFIG-003 if one is missing or empty, LS-CONFIG-002 if it holds no valid secret. */
export function webhookSecrets({ name, secretFile, escalateTo, caFile }: WebhookConfig): WebhookSecrets {
  const key = `notify.webhooks.${name}`;
  return {
    first: secretIn(`${key}.secretFile`, { secretFile }),
    ...(escalateTo === undefined ? {} : { next: secretIn(`${key}.escalateTo.secretFile`, escalateTo) }),
    ...(caFile === '' ? {} : { ca: readNamed(`${key}.caFile`, caFile) }),
  };
}

function secretIn(key: string, { secretFile }: Pick<Place, 'secretFile'>): string {
  const secret = readNamed(key, secretFile);
  const coded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const bytes = Buffer.from(coded ?? '', 'base64').length;
  if (bytes >= 24 && bytes <= 64) return secret;
  const wanted = 'write whsec_ and 24 to 64 random bytes in base64, on one line';
  throw new LoadstoneError('LS-CONFIG-002', `${key}: ${secretFile} holds no webhook secret: ${wanted}`);
}
