import { baseOf, entriesOf } from '../lib/screen.ts';
import { route, screens } from '../state/route.ts';
import { t } from '../words/t.ts';

/** Header of a desk screen, with links to the other ones. */
export function DeskTabs({ title }: { title: string }) {
  return (
    <div class="place">
      <h1 tabIndex={-1}>{title}</h1>
      <nav class="tabs" aria-label={t('Desk')}>
        {entriesOf(screens.value, 'desk').map(({ name, text, screen }) => (
          <a key={name} href={baseOf(screen)} aria-current={route.value.screen === name ? 'page' : undefined}>
            {t(text)}
          </a>
        ))}
      </nav>
    </div>
  );
}
