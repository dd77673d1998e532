/** Where the packages of LAVA are kept that were replaced, by the version of LAVA that was there. */
export const KEPT = '/var/lib/lava-play/packages';

/** The names of packages that came with LAVA because it needs them, one a line. */
export const BROUGHT = `${KEPT}/brought`;
