import { AreasPanel } from '../parts/areas-panel.tsx';
import { DeskTabs } from '../parts/desk-tabs.tsx';
import type { Screen } from '../lib/screen.ts';
import { t } from '../words/t.ts';

export const screen: Screen = {
  path: '/areas',
  title: 'Areas',
  Component: AreasScreen,
  section: 'Desk',
  entries: [{ menu: 'desk', text: 'Areas', at: 40 }],
};

/** Areas of responsibility. */
function AreasScreen() {
  return (
    <>
      <DeskTabs title={t('Areas')} />
      <AreasPanel />
    </>
  );
}
