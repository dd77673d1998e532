import { defineModule, Refused } from '../../engine/sdk.ts';

/** The old way to trust a key, which trusts it for every source. */
export default defineModule({
  name: 'apt_key',
  summary: 'Refused: a key is trusted for its own source with deb822_repository',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...{ data: {}, file: {}, id: {}, key: {}, keyring: {}, keyserver: {}, state: {}, url: {} },
      ...{ validate_certs: {} },
    },
  },
  example: 'id: 0123456789ABCDEF\n',
  desired() {
    throw new Refused(
      'apt_key is not supported: its keys are trusted for every source, and apt-key is gone from Debian 13',
      'use deb822_repository, whose signed_by takes the key: signed_by: !file lava.asc',
    );
  },
});
