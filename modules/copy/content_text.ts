/** A value of a playbook as Ansible's `copy` writes it: texts as they are, maps and lists as JSON. */
export function contentText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return json(value);
}

/** As `json.dumps` of Python: with blanks after commas and colons, and ASCII alone. */
function json(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(json).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value).map(([key, part]) => `${json(key)}: ${json(part)}`);
    return `{${parts.join(', ')}}`;
  }
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
