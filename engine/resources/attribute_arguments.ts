import type { Schema } from '../contract/schema.ts';

/** The arguments by which Ansible's modules say owner, group and mode of what they make. */
export const attributeArguments = {
  owner: { type: 'string', description: 'Name or number of the owner; kept, or root, unless set' },
  group: { type: 'string', description: 'Name or number of the group; kept, or root, unless set' },
  mode: {
    type: 'string',
    description: 'Permissions, octal ("0644") or symbolic (u=rw,go=r); kept, or 0644, unless set',
  },
} as const satisfies Readonly<Record<string, Schema>>;
