import type { Finding, HealthQuery } from '../../engine/sdk.ts';

/**
 * Whether the programs of installed packages are there.
 *
 * A worker is Online and a page is green without what jobs are run by. Only missing programs are told: files that
 * somebody has changed are somebody's wish, and documents may be left out by dpkg's own settings.
 */
export function wholePrograms(
  id: string,
  packages: readonly string[],
  about: Pick<Finding, 'what' | 'breaks'>,
): HealthQuery {
  const [first = ''] = packages;
  return {
    id,
    probe: `for package in ${packages.join(' ')}; do
  timeout 10 dpkg --verify "$package" 2>/dev/null | grep -E '^missing +(c +)?/usr/(s?bin|lib)/' || :
done`,
    judge(output) {
      const files = output.match(/\/usr\/\S+/g) ?? [];
      if (files.length === 0) return [];
      const some = files.slice(0, 3).join(', ');
      return [
        {
          ...about,
          severity: 'problem',
          evidence: `missing: ${some}${files.length > 3 ? ` and ${files.length - 3} more` : ''}`,
          fix: `apt-get install --reinstall ${packages.join(' ')}`,
          subject: `programs of ${first}`,
        },
      ];
    },
  };
}
