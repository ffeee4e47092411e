import { judged, type Group } from '../attack.ts';
import { endOf } from '../end-of.ts';

/** A TLS record that announces more bytes than it sends. */
const HALF_A_RECORD = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);

export const endlessHandshake: Group = {
  id: 'handshake',
  title: 'TLS handshake that never ends',
  asset: 'the uplink port',
  from: 'a client of the uplink port',
  defence: 'a handshake times out after 10 s: cloud/ingest/tls-door.ts',
  attacks: [
    {
      id: 'handshake/never-ends',
      title: 'sends half a TLS record and waits',
      requirements: ['CR 7.1', 'CR 2.6'],
      expected: 'the connection is closed',
      isPatient: true,
      run: async ({ uplink }) => {
        const socket = (await uplink.bare()).resume();
        const closed = endOf(socket);
        socket.write(HALF_A_RECORD);
        return judged(await closed, /closed/);
      },
    },
    {
      id: 'handshake/no-connect',
      title: 'completes the handshake but sends no CONNECT',
      requirements: ['CR 7.1', 'CR 2.6'],
      expected: 'the connection is closed',
      isPatient: true,
      run: async ({ uplink }) => {
        const socket = (await uplink.shaken()).resume();
        return judged(await endOf(socket), /closed/);
      },
    },
  ],
};
