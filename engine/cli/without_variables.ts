/** A command line as hosts may keep it: the variables in it may be passwords. */
export function withoutVariables(words: readonly string[]): readonly string[] {
  return words.map((word, i) => {
    const before = words[i - 1];
    if (before === '-e' || before === '--extra-vars') return '…';
    if (word.startsWith('--extra-vars=')) return '--extra-vars=…';
    return word.startsWith('-e') && word !== '-e' ? '-e…' : word;
  });
}
