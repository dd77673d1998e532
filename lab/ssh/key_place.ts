import { directory, type Resource } from '../../engine/sdk.ts';

/** Folder of what SSH needs on a host of the lab; only root looks into it. */
export const SSH_FOLDER = '/etc/lava-play/ssh';

/** Where a key may lie: only there do other modules look for it. */
export const keyPathSchema = {
  type: 'string',
  pattern: '^(/etc/lava-play/ssh|/root/\\.ssh)/id_[a-z0-9_]+$',
  default: `${SSH_FOLDER}/id_ed25519`,
  description: 'The private key: a name that starts with id_, in /etc/lava-play/ssh or /root/.ssh',
} as const;

/** The folder of SSH things, and the one that it is in. */
export const sshFolders: readonly Resource[] = [
  directory({ path: '/etc/lava-play' }),
  directory({ path: SSH_FOLDER, mode: '0700' }),
];
