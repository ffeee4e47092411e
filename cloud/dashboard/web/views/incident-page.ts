import type { IncidentView } from '../../../../shared/contracts/incident.ts';
import { costText, entryText, jumpText, limitText, reliefText, stateText, whoText } from '../lib/incident-words.ts';
import { clockSeconds, date, daySeconds, zoneName } from '../lib/zone.ts';
import { escaped, incidentChart, type ChartLine } from './incident-chart.ts';

interface Told {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly zone: string;
  readonly now: number;
}

const STYLE = `
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:2rem auto;padding:0 1rem;color:CanvasText;background:Canvas}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8886;vertical-align:top}
svg{width:100%;height:auto}.grid{stroke:#8884}.limit{stroke:#b45f00;stroke-dasharray:6 3}.limit-text{fill:#b45f00}
.curve{fill:none;stroke:currentColor;stroke-width:1.6}.mark-line{stroke:currentColor;stroke-dasharray:2 2}
text{font-size:12px;fill:currentColor}.row-name{font-weight:600}@media print{body{margin:0}}`;

/** An incident as one file that needs nothing but a browser: no script, nothing from elsewhere. */
export function incidentPage(incident: IncidentView, { title, lines, zone, now }: Told): string {
  const { startedAt, entries, id } = incident;
  const short = [jumpText(incident), limitText(incident), reliefText(incident), `Cost: ${costText(incident)}.`];
  const rows = entries.map(
    (entry) =>
      `<tr><td>${daySeconds(entry.at, zone)}</td><td>${escaped(entryText(entry))}</td><td>${escaped(whoText(entry))}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(`Incident ${id}: ${title}`)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(title)}</h1>
<p>Incident ${id}, ${date(startedAt, zone)} ${clockSeconds(startedAt, zone)} ${zoneName(startedAt, zone)}, ${escaped(stateText(incident, { now, zone }))}.</p>
<ul>${short.flatMap((each) => (each === null ? [] : [`<li>${escaped(each)}</li>`])).join('')}</ul>
${lines.length === 0 ? '' : `<h2>Power, kW</h2>${incidentChart(incident, lines, zone)}`}
<h2>What happened</h2>
<table><thead><tr><th>Time</th><th>What</th><th>Who</th></tr></thead><tbody>${rows.join('')}</tbody></table>
<p>Written at ${date(now, zone)} ${clockSeconds(now, zone)} ${zoneName(now, zone)} of plant time.</p>
</body></html>
`;
}
