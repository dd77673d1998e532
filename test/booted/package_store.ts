import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LabError } from './errors.ts';
import { identifyProcess } from './process_identity.ts';

/** A stored file, or why there is none. */
type Obtained = { readonly file: string } | { readonly status: number; readonly reason: string };

/** How to get what is not in the store. */
interface ObtainOptions {
  /** The text behind this address never changes: once stored it is not asked for again. */
  readonly immutable: boolean;
  readonly fetch: () => Promise<IncomingMessage>;
}

/** Files of the archive, kept by address. */
export interface PackageStore {
  obtain(address: string, options: ObtainOptions): Promise<Obtained>;
}

/** What another lab's process is writing now ends so, with its number. */
const unfinished = /\.(\d+)\.part$/;

/**
 * Opens a store; what a killed process left unfinished is removed.
 *
 * Files that may change are fetched each time; the stored ones serve when the archive cannot be reached.
 */
export function openPackageStore(folder: string): PackageStore {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    const [, writer] = unfinished.exec(name) ?? [];
    if (writer !== undefined && !identifyProcess(Number(writer))) rmSync(join(folder, name));
  }
  const underWay = new Map<string, Promise<Obtained>>();
  return {
    async obtain(address, { immutable, fetch }) {
      const file = join(folder, storedName(address));
      if (immutable && existsSync(file)) return { file };
      const joined = underWay.get(file);
      if (joined !== undefined) return await joined;
      const download = store({ address, file, fetch }).finally(() => underWay.delete(file));
      underWay.set(file, download);
      return await download;
    },
  };
}

async function store({
  address,
  file,
  fetch,
}: {
  readonly address: string;
  readonly file: string;
  readonly fetch: () => Promise<IncomingMessage>;
}): Promise<Obtained> {
  try {
    const response = await fetch();
    const status = response.statusCode ?? 502;
    if (status !== 200) {
      response.resume();
      if (status >= 500 && existsSync(file)) return { file };
      return { status, reason: `the archive answered ${status} for ${address}` };
    }
    await keepWhole({ response, address, file });
    return { file };
  } catch (error) {
    if (existsSync(file)) return { file };
    throw error;
  }
}

async function keepWhole({
  response,
  address,
  file,
}: {
  readonly response: IncomingMessage;
  readonly address: string;
  readonly file: string;
}): Promise<void> {
  const part = `${file}.${randomUUID()}.${process.pid}.part`;
  const promised = response.headers['content-length'];
  const promisedHash = /\/by-hash\/SHA256\/([0-9a-f]{64})$/.exec(address)?.[1];
  const hash = createHash('sha256');
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    hash.update(chunk);
  });
  try {
    await pipeline(response, createWriteStream(part));
    const whole = response.complete && (promised === undefined || size === Number(promised));
    if (!whole) throw new LabError(`the archive broke off in ${address}`);
    if (promisedHash !== undefined && promisedHash !== hash.digest('hex')) {
      throw new LabError(`the archive sent something else for ${address}`);
    }
    await flushToDisk(part);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function flushToDisk(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

function storedName(address: string): string {
  const name = basename(new URL(address).pathname).replace(/[^\w.+~-]/g, '_');
  return `${createHash('sha256').update(address).digest('hex').slice(0, 24)}-${name}`;
}
