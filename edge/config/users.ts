import type { RefuseConfig } from '../../shared/config/read-config.ts';
import { stateTopic } from '../../shared/topics/topics.ts';
import type { BrokerAccess, DeviceTopics } from '../drivers/broker-access.ts';
import { protocolOf } from '../drivers/table.ts';
import { hostIdOf, speaksSparkplug } from './reads.ts';
import type { GatewayConfig } from './schema.ts';
import { isLoopback, placeOf } from '../local/listen.ts';

interface Met extends DeviceTopics {
  readonly id: string;
  readonly path: string;
  readonly user: string | undefined;
}

/** The devices and meters at the local broker. */
function sourcesOf({ guarded, devices }: Pick<GatewayConfig, 'guarded' | 'devices'>): Met[] {
  const meters = guarded.map(({ id, meter }, at) => ({ id, path: `/guarded/${at}/meter`, source: meter }));
  const others = devices.map((source, at) => ({ id: source.id, path: `/devices/${at}`, source }));
  return [...meters, ...others].flatMap(({ id, path, source }) => {
    const topics = protocolOf(source).topics?.(source);
    const user = 'user' in source ? source.user : undefined;
    return topics === undefined ? [] : [{ id, path, user, ...topics }];
  });
}

/** Access rights at the local broker. A topic whose device names a user belongs to that user only, whatever other device uses it. */
export function accessOf(config: GatewayConfig): BrokerAccess {
  const sources = sourcesOf(config);
  const byUser = new Map<string, DeviceTopics>();
  const joined = (list: readonly Met[]): DeviceTopics => ({
    publish: new Set(list.flatMap(({ publish }) => [...publish])),
    subscribe: new Set(list.flatMap(({ subscribe }) => [...subscribe])),
  });
  const owned = sources.filter(({ user }) => user !== undefined);
  for (const [user, list] of Map.groupBy(owned, ({ user: name }) => name!)) byUser.set(user, joined(list));
  const taken = joined(owned);
  const open = joined(sources.filter(({ user }) => user === undefined));
  // Every Sparkplug node may see whether its host is online.
  const state = speaksSparkplug(config) ? [stateTopic(hostIdOf(config))] : [];
  return {
    byUser,
    anyone: {
      publish: open.publish.difference(taken.publish),
      subscribe: new Set([...open.subscribe.difference(taken.subscribe), ...state]),
    },
  };
}

/** A user needs a password, and no topic may give one user control over another's device. */
export function checkUsers(config: GatewayConfig, refuse: RefuseConfig): void {
  const sources = sourcesOf(config);
  for (const { path, user, publish, subscribe } of sources) {
    if (user === undefined) continue;
    if (config.localBroker.userFile === undefined)
      refuse(`${path}/user`, 'LS-CONFIG-002', `is "${user}", but localBroker.userFile is missing; give both or none`);
    for (const other of sources) {
      if (other.user === user) continue;
      const [said] = publish.intersection(other.publish);
      if (said !== undefined && other.user !== undefined)
        refuse(
          `${path}/user`,
          'LS-CONFIG-002',
          `is "${user}", but ${other.id} publishes to the same topic ${said} as "${other.user}"; give both the same user`,
        );
      const [heard] = subscribe.intersection(other.publish);
      if (heard !== undefined)
        refuse(
          `${path}/user`,
          'LS-CONFIG-002',
          `is "${user}", but ${other.id} may publish to its command topic ${heard}; read ${other.id} from another topic`,
        );
    }
  }
}

const NAMED = 5;
const listed = (ids: readonly string[]): string =>
  `${ids.slice(0, NAMED).join(', ')}${ids.length > NAMED ? ` and ${ids.length - NAMED} more` : ''}`;

/** The users of a file; undefined if it cannot be read, which is reported elsewhere. */
type UsersIn = (file: string) => { has(name: string): boolean } | undefined;

/** Where others could impersonate a device, and which users lack a password, in words. */
export function openDoors(config: GatewayConfig, usersIn: UsersIn): string[] {
  return [...brokerDoors(config, usersIn), ...chargerDoors(config, usersIn)];
}

function brokerDoors(config: GatewayConfig, usersIn: UsersIn): string[] {
  const { userFile } = config.localBroker;
  if (userFile === undefined) return [];
  const sources = sourcesOf(config);
  const unnamed = sources.filter(({ user }) => user === undefined).map(({ id }) => id);
  const users = new Set(sources.flatMap(({ user }) => user ?? []));
  const known = usersIn(userFile);
  const unknown = [...users].filter((user) => known?.has(user) === false);
  return [
    ...(unnamed.length === 0
      ? []
      : [
          `devices[].user: missing for ${listed(unnamed)}, so any user of the local broker can publish their values; give each its own`,
        ]),
    ...unknown.map(
      (user) =>
        `devices[].user: "${user}" is not in ${userFile} and cannot connect; "loadstone edge passwd" prints its line`,
    ),
  ];
}

/** A charger's own password identifies it; without passwords anyone could take its place. */
function chargerDoors({ devices }: GatewayConfig, usersIn: UsersIn): string[] {
  return devices.flatMap((device) => {
    const asked = protocolOf(device).userFile?.(device);
    if (asked === undefined) return [];
    const { listen, users: chargers, path: userFile } = asked;
    if (userFile === undefined)
      return isLoopback(placeOf(listen).host)
        ? []
        : [`connection.userFile: missing for ${device.id}, so anyone who reaches ${listen} can pose as its chargers`];
    const known = usersIn(userFile);
    const unknown = chargers.filter((charger) => known?.has(charger) === false);
    if (unknown.length === 0) return [];
    return [
      `connection.chargers: ${listed(unknown)} not in ${userFile} and cannot connect; "loadstone edge passwd" prints the lines`,
    ];
  });
}
