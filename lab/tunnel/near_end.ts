/** The address at which a worker finds all that its tunnel carries. */
export const NEAR_END = '127.0.0.1';
