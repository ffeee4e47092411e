import type { Signal } from '@preact/signals';
import { AreasPanel } from '../parts/areas-panel.tsx';
import { Panel } from '../parts/layout.tsx';
import { session } from '../state/session.ts';
import { alarmScope, alarmSound, localZone, theme, zoneChoice } from '../state/settings.ts';
import type { Screen } from '../lib/screen.ts';

export const screen: Screen = {
  path: '/settings',
  title: 'Settings',
  Component: SettingsScreen,
  entries: [{ menu: 'user', text: 'Settings', at: 30 }],
};

/** How this page shows and sounds on this machine, and who holds which area. */
function SettingsScreen() {
  const user = session.value?.user ?? null;
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>Settings</h1>
        <a href="/login">{user === null ? 'Sign in' : 'Password and tokens'}</a>
      </div>
      <Panel title="This page" class="wide">
        <div class="settings">
          <Choice
            name="Colours"
            hint="kept in this browser"
            setting={theme}
            choices={{ system: 'As the system', light: 'Light', dark: 'Dark' }}
          />
          <Choice
            name="Time zone"
            hint={`local is ${localZone.value}`}
            setting={zoneChoice}
            choices={{ utc: 'UTC', local: 'Local' }}
          />
          <Choice
            name="Alarm sound"
            hint="sounds until somebody acknowledges or silences"
            setting={alarmSound}
            choices={{ on: 'On', off: 'Off' }}
          />
          <Choice
            name="Alarms shown and sounded"
            hint="my area: what you hold, what nobody holds, and the cloud’s own"
            setting={alarmScope}
            choices={{ all: 'All', mine: 'My area' }}
          />
        </div>
      </Panel>
      <AreasPanel />
    </>
  );
}

interface ChoiceProps<T extends string> {
  readonly name: string;
  readonly hint: string;
  readonly setting: Signal<T>;
  readonly choices: Readonly<Record<T, string>>;
}

function Choice<T extends string>({ name, hint, setting, choices }: ChoiceProps<T>) {
  return (
    <div class="setting">
      <span class="strong">{name}</span>
      <div class="segments" role="group" aria-label={name}>
        {(Object.keys(choices) as T[]).map((each) => (
          <button type="button" key={each} aria-pressed={setting.value === each} onClick={() => (setting.value = each)}>
            {choices[each]}
          </button>
        ))}
      </div>
      <span class="hint">{hint}</span>
    </div>
  );
}
