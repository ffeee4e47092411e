import { startCluster } from '../../../simulators/testing/rabbitmq-cluster.ts';
import { RabbitRig } from './testing/rabbit-rig.ts';

new RabbitRig(startCluster).suites('on three nodes of RabbitMQ');
