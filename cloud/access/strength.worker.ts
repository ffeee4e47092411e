import { parentPort, workerData } from 'node:worker_threads';
import { weaknessOf } from './password-strength.ts';

const { password, words } = workerData as { readonly password: string; readonly words: readonly string[] };
parentPort!.postMessage(weaknessOf(password, words), []);
