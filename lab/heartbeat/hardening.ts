/** Lines of a unit: the heartbeat, at either end, leaves clock, name and kernel of its host alone. */
export const HOST_IS_CLOSED = `ProtectHostname=yes
ProtectClock=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes`;

/** Lines of a unit: no other sockets than those of the network and of services, and no way to more rights. */
export const NO_MORE_RIGHTS = `RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes`;
