import { AreasPanel } from '../parts/areas-panel.tsx';
import { DeskTabs } from '../parts/desk-tabs.tsx';

/** Who answers for which part of the grid. */
export function AreasScreen() {
  return (
    <>
      <DeskTabs title="Areas" />
      <AreasPanel />
    </>
  );
}
