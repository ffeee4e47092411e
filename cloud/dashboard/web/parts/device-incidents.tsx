import { devicePath, pathOf, relievedBy } from '../lib/incident-words.ts';
import { openIncidents } from '../state/incidents.ts';
import { t } from '../words/t.ts';

interface DeviceIncidentsProps {
  readonly gateway: string;
  readonly device: string;
}

/** Link to the open incident that a device relieves, after what limits the device; nothing if there is none. */
export function Relieves({ gateway, device }: DeviceIncidentsProps) {
  const found = relievedBy(openIncidents.value, gateway, device);
  if (found === undefined) return null;
  return (
    <>
      {', '}
      <a href={pathOf(found)}>{t('incident {id}', { id: found.id })}</a>
    </>
  );
}

/** Link to the recent incidents in which a device took part. */
export function DeviceIncidents({ gateway, device }: DeviceIncidentsProps) {
  return (
    <a href={devicePath(gateway, device)}>
      {t('Incidents')}
      <span class="unseen">{` ${t('of {name}', { name: `${gateway}/${device}` })}`}</span>
    </a>
  );
}
