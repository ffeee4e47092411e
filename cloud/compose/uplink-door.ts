import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Region } from '../../shared/contracts/region.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import type { EnrolmentAnswer } from '../../shared/pki/enrolment.ts';
import type { Link } from '../../shared/ports/link.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { CloudConfig } from '../config.ts';
import { GuessBrake } from '../ingest/guess-brake.ts';
import type { BrokerStanding } from '../ingest/rabbitmq/broker-standing.ts';
import type { TlsIdentity } from '../ingest/tls-door.ts';
import { pkiFiles, readPki } from '../pki/authority-files.ts';
import { EnrolServer, type EnrolServerOptions } from '../pki/enrol-server.ts';
import { serverIdentity } from '../pki/server-identity.ts';

export interface UplinkParts {
  readonly config: CloudConfig;
  readonly region: Region;
  readonly time: TimeBase;
  readonly logger: Logger;
  /** The users file cannot be read any more, or can again (null). */
  readonly onUsersFault: (fault: Fault | null) => void;
  /** An external broker does not answer (the reason), or does again (null). */
  readonly onBroker: (why: string | null) => void;
  /** A gateway was enrolled, renewed or revoked. */
  readonly onAct: (act: { readonly who: string; readonly what: string; readonly on: string }) => void;
  /** Rejects, and so keeps this cloud away from the broker, if another cloud has taken its place. */
  readonly mayOpen: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

export interface RunningUplink {
  /** The cloud's link to its gateways. */
  readonly link: Link;
  /** Where gateways connect, as text. */
  readonly places: string;
  /** True if every port of the cloud itself is open. */
  readonly listens: () => boolean;
  /** Gateways that are connected; absent: known by births and deaths. */
  readonly connected?: () => readonly string[];
  /** Absent: the broker is in this process. */
  readonly broker?: () => BrokerStanding;
  /** Absent: the broker is in this process. */
  readonly isCutOff?: () => boolean;
  stop(): Promise<void>;
}

/** The ports for gateways, not opened yet. */
export interface Doors {
  /** Throws if the configuration cannot work. */
  check(): Promise<void>;
  open(): Promise<RunningUplink>;
}

export const groupOf = ({ config, region }: Pick<UplinkParts, 'config' | 'region'>): string =>
  config.uplink.group === '' ? region.id : config.uplink.group;

/** The cloud's certificate for enrolment and connections, and the roots for gateways. */
export async function identityOf({ config, time }: Pick<UplinkParts, 'config' | 'time'>): Promise<TlsIdentity> {
  const data = resolve(config.data);
  return {
    // Page and API may use it too.
    pem: await serverIdentity(data, [...config.uplink.names, ...apiNames(config.api)], time.now()),
    roots: readPki(pkiFiles(data).roots),
  };
}

const apiNames = ({ publicOrigin, allowedHosts }: CloudConfig['api']): string[] =>
  [...allowedHosts, ...(publicOrigin === '' ? [] : [new URL(publicOrigin).hostname])].map((name) =>
    name.replaceAll(/[[\]]/g, '').toLowerCase(),
  );

export function enrolServerOf(
  parts: UplinkParts,
  more: Partial<Pick<EnrolServerOptions, 'barred' | 'onIssued'>> & {
    readonly broker?: NonNullable<EnrolmentAnswer['place']>['broker'];
  } = {},
): EnrolServer {
  const { config, region, time, logger, onAct, onFailure } = parts;
  return new EnrolServer({
    data: resolve(config.data),
    time,
    brake: new GuessBrake(time),
    place: (gateway) => {
      const substation = region.substations.find((each) => each.gateway === gateway)?.id;
      return {
        group: groupOf(parts),
        ...(substation === undefined ? {} : { substation }),
        ...(more.broker === undefined ? {} : { broker: more.broker }),
      };
    },
    ...(more.barred === undefined ? {} : { barred: more.barred }),
    onIssued: (gateway, how) => {
      logger.info({ gateway }, `certificate: ${how}`);
      onAct({ who: gateway, what: how === 'enrolled' ? 'gateway.enrol' : 'gateway.renew', on: gateway });
      more.onIssued?.(gateway, how);
    },
    onRefused: (gateway, fault) => logger.warn({ client: gateway, code: fault.code }, fault.detail),
    onError: onFailure,
  });
}
