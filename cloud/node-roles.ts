import { Type, type Static } from 'typebox';
import type { RefuseConfig } from '../shared/config/read-config.ts';

/**
 * What a process of the cloud does: the owner takes what gateways send and alone writes, a job node computes for it, an api node answers
 * people and programs.
 */
const NodeRole = Type.Enum(['owner', 'job', 'api'] as const);
type NodeRole = Static<typeof NodeRole>;

export const NodeRoles = Type.Array(NodeRole, {
  minItems: 1,
  uniqueItems: true,
  default: ['owner', 'job', 'api'],
  description:
    'what this process does: owner ingests from gateways and alone writes, job computes plans and trains models, api serves the page and the API. A role left out here runs on other machines; all connect through uplink.rabbitmq',
});

/** The parts of a configuration that roles require. */
interface Founded {
  readonly roles: readonly NodeRole[];
  readonly uplink: { readonly rabbitmq?: { readonly security: string; readonly caFile: string } };
  readonly state: { readonly postgres?: unknown };
}

const ALL = 'owner, job, api';
/** Supported sets of roles. */
const RUN: readonly string[] = [ALL, 'owner', 'owner, job', 'owner, api', 'job', 'api'];

/** Processes that share the work must all reach the broker and the database. */
export function checkRoles({ roles, uplink, state }: Founded, refuse: RefuseConfig): void {
  const has = (role: NodeRole): boolean => roles.includes(role);
  const set = (['owner', 'job', 'api'] as const).filter(has).join(', ');
  if (set === ALL) return;
  const no = (path: string, text: string): void => refuse(path, 'LS-CONFIG-002', text);
  const { rabbitmq } = uplink;
  if (!has('owner') && rabbitmq?.security === 'tls' && rabbitmq.caFile === '')
    no(
      '/uplink/rabbitmq/caFile',
      'is missing: name the certificate of the authority of the broker, which only the owner has by default',
    );
  if (rabbitmq === undefined)
    no('/roles', `is ${set} alone: it reaches the other roles through uplink.rabbitmq, which is missing`);
  if (has('owner') !== has('api') && state.postgres === undefined)
    no('/roles', 'separates owner and api: they share the state in state.postgres, which is missing');
  if (!RUN.includes(set)) no('/roles', `${set} is not a supported set; expected one of [${RUN.join('], [')}]`);
}
