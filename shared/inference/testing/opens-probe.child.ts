import { PROBE } from '../execution-provider.ts';
import { openOnnxSession } from '../onnx-session.ts';

await openOnnxSession(PROBE);
