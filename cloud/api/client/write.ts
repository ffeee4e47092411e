import { writeFileSync } from 'node:fs';
import { buildApi } from '../app.ts';
import { fixtureDeps } from '../testing/api-fixture.ts';
import { clientOf, type OpenApi } from './generate.ts';

const { app } = await buildApi(fixtureDeps());
await app.ready();
writeFileSync(new URL('./client.ts', import.meta.url), clientOf(app.swagger() as unknown as OpenApi));
await app.close();
