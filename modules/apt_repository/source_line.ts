/** A source with single blanks and without its comment, so that two can be compared. */
export function oneLine(text: string): string {
  return text
    .replace(/\s#.*$/, '')
    .trim()
    .replace(/\s+/g, ' ');
}

/** A file's name by the URI of a source, as Ansible makes it: `apt_lavasoftware_org_release`. */
export function fileNameOf(line: string): string {
  const [uri = ''] = line
    .replace(/\[[^\]]+\]/, '')
    .replace(/\w+:\/\//, '')
    .split(' ')
    .filter((word) => word !== '' && word !== 'deb' && word !== 'deb-src');
  return uri
    .replace(/^[^@]*@/, '')
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== '')
    .join('_');
}

/** The text with a source, unless it is there. */
export function withLine(now: string, line: string): string {
  const lines = now.split('\n');
  if (lines.some((each) => oneLine(each) === line)) return now;
  return `${now === '' || now.endsWith('\n') ? now : `${now}\n`}${line}\n`;
}

/** The text without a source. */
export function withoutLine(now: string, line: string): string {
  return now
    .split('\n')
    .filter((each) => oneLine(each) !== line)
    .join('\n');
}
