/** What Ansible's `ansible_ssh_common_args` asks for, as far as it means something here. */
export interface SshArgs {
  readonly jump: string | undefined;
  /** Options that have no effect here, as they were written. */
  readonly unused: readonly string[];
}

/** Options of ssh(1) that take a value. */
const TAKES_VALUE = /^-[BbcDEeFIiJLlmOopQRSWw]$/;

/** Finds the jump host in arguments for ssh(1): `-J HOST`, `-o ProxyJump=HOST`, `-W %h:%p` in a ProxyCommand. */
export function readSshArgs(text: string): SshArgs {
  const words = splitWords(text);
  const unused: string[] = [];
  let jump: string | undefined;
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    const joined = /^(-[oJ])(.+)$/s.exec(word);
    const option = joined?.[1] ?? word;
    const value = joined?.[2] ?? (TAKES_VALUE.test(word) ? (words[i + 1] ?? '') : undefined);
    if (!joined && value !== undefined) i += 1;
    const found = jumpOf(option, value);
    if (found === undefined) unused.push(value === undefined ? option : `${option} ${value}`);
    else jump = found;
  }
  return { jump, unused };
}

function jumpOf(option: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (option === '-J') return value;
  if (option !== '-o') return undefined;
  const [, name = '', setting = ''] = /^(\w+)\s*[=\s]\s*(.*)$/s.exec(value) ?? [];
  if (name.toLowerCase() === 'proxyjump') return setting;
  if (name.toLowerCase() !== 'proxycommand') return undefined;
  const words = splitWords(setting).filter((word) => word !== '-q');
  const plain = words[0] === 'ssh' && words.length === 4 && words.includes('-W');
  if (!plain) return undefined;
  const target = words.indexOf('-W') + 1;
  return words[target] === '%h:%p'
    ? words.find((_, i) => i > 0 && i !== target && i !== target - 1)
    : undefined;
}

function splitWords(text: string): readonly string[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}
