/** A map as it comes out of a file. */
export type Fields = Readonly<Record<string, unknown>>;

/** Names a template or condition may use; a getter may stand behind each. */
export type Scope = Readonly<Record<string, unknown>>;

const SECRET_NAME = Symbol('secret name');
const FILE_PATH = Symbol('file path');

/** `!secret NAME` in a file: stands where the secret's value will be. */
export interface SecretRef {
  readonly [SECRET_NAME]: string;
}

/** What `!secret NAME` becomes when a file is read. */
export function secretRef(name: string): SecretRef {
  return Object.freeze({ [SECRET_NAME]: name });
}

/** The name behind `!secret NAME`; nothing for any other value. */
export function secretName(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !(SECRET_NAME in value)) return undefined;
  return (value as SecretRef)[SECRET_NAME];
}

/** `!file PATH` in a file: stands where the text of that file will be. */
export interface FileRef {
  readonly [FILE_PATH]: string;
}

/** What `!file PATH` becomes when a file is read. */
export function fileRef(path: string): FileRef {
  return Object.freeze({ [FILE_PATH]: path });
}

/** The path behind `!file PATH`, as it was written; nothing for any other value. */
export function filePath(value: unknown): string | undefined {
  return isFileRef(value) ? value[FILE_PATH] : undefined;
}

/** True for what `!file PATH` became. */
export function isFileRef(value: unknown): value is FileRef {
  return typeof value === 'object' && value !== null && FILE_PATH in value;
}

/** True for a map, not for a list, a secret, a file's text or a scalar. */
export function isMap(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !(SECRET_NAME in value) && !(FILE_PATH in value);
}

/** True for a list. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** The value of a key that the map or list itself has; nothing that it inherits. */
export function field(container: unknown, key: string): unknown {
  if (!isMap(container) && !isList(container)) return undefined;
  return Object.hasOwn(container, key) ? (container as Fields)[key] : undefined;
}

/** What a value is, in the words of an error message. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (secretName(value) !== undefined) return 'a secret';
  if (isFileRef(value)) return 'the text of a file';
  if (isList(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return `the text ${JSON.stringify(shorten(value))}`;
  return typeof value === 'number' ? `the number ${value}` : String(value);
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
