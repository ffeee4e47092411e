import { lazy } from '../parts/lazy.tsx';
import { incidents } from '../state/incidents.ts';
import { substationOf } from '../state/store.ts';
import type { Screen } from '../lib/screen.ts';
import { t } from '../words/t.ts';

export const screen: Screen = {
  path: '/incidents/:id?',
  title: (id) => (id === '' ? t('Incidents') : t('Incident {id}', { id })),
  Component: lazy(async () => (await import('../views/incidents-view.tsx')).IncidentsView, 'Incidents'),
  section: 'Desk',
  entries: [{ menu: 'desk', text: 'Incidents', at: 15 }],
  feeders: (id) => {
    const found = incidents.value.find((each) => String(each.id) === id);
    if (found === undefined) return [];
    return found.feeder === null ? (substationOf(found.substation)?.feeders ?? []) : [found.feeder];
  },
};
