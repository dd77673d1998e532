/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** At least 0 and less than the bound. */
  below(bound: number): number;
  pick<T>(things: readonly T[]): T;
}

/** The generator splitmix32, by Guy Steele and others ("Fast Splittable Pseudorandom Number Generators", 2014). */
export function randomFrom(seed: number): Random {
  let state = seed | 0;

  function below(bound: number): number {
    state = (state + 0x9e3779b9) | 0;
    let word = state ^ (state >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a2d97);
    word ^= word >>> 15;
    return Math.floor(((word >>> 0) / 2 ** 32) * bound);
  }

  return {
    below,
    pick(things) {
      const [thing] = things.slice(below(things.length));
      if (thing === undefined) throw new Error('there is nothing to pick from');
      return thing;
    },
  };
}
