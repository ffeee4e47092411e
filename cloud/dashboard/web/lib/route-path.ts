/** Which screen a path names: every screen has a URL of its own. */
export type Screen =
  | 'overview'
  | 'substation'
  | 'feeder'
  | 'forecast'
  | 'scorecard'
  | 'plan'
  | 'gateways'
  | 'models'
  | 'devices'
  | 'overrides'
  | 'desk'
  | 'register'
  | 'areas'
  | 'settings'
  | 'quarantine'
  | 'events'
  | 'alarms'
  | 'alarm-figures'
  | 'users'
  | 'audit'
  | 'login'
  | 'none';
export interface Route {
  readonly screen: Screen;
  readonly id: string;
}

const SCREENS = new Map<string, Screen>(
  Object.entries({
    '': 'overview',
    substations: 'substation',
    feeders: 'feeder',
    forecast: 'forecast',
    scorecards: 'scorecard',
    plan: 'plan',
    gateways: 'gateways',
    models: 'models',
    devices: 'devices',
    overrides: 'overrides',
    desk: 'desk',
    register: 'register',
    areas: 'areas',
    settings: 'settings',
    quarantine: 'quarantine',
    events: 'events',
    alarms: 'alarms',
    'alarm-figures': 'alarm-figures',
    users: 'users',
    audit: 'audit',
    login: 'login',
  }),
);
const WITH_ID: readonly Screen[] = ['substation', 'feeder', 'forecast', 'scorecard', 'plan'];
/** With an id it shows that one, without one what matters most. */
const EITHER: readonly Screen[] = ['models'];

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
};

export function parseRoute(path: string): Route {
  const [first = '', id = '', more] = path
    .replace(/^\/|\/$/g, '')
    .split('/')
    .map(decoded);
  const screen = SCREENS.get(first) ?? 'none';
  const isComplete = EITHER.includes(screen) || (id !== '') === WITH_ID.includes(screen);
  const fits = screen !== 'none' && more === undefined && isComplete;
  return fits ? { screen, id } : { screen: 'none', id: path };
}
