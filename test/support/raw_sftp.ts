import { once } from 'node:events';
import { Client, type SFTPWrapper } from 'ssh2';

/** A client that speaks SFTP as it likes, and no program that keeps to manners. */
export interface RawSftp {
  /** Makes one request; `ok`, or what the server says of it. */
  ask(request: (sftp: SFTPWrapper, done: (error?: Error | null) => void) => void): Promise<string>;
  /** Makes a file with these bytes; the mode goes into the request that opens it. */
  make(path: string, mode: number, bytes: Uint8Array): Promise<string>;
  end(): void;
}

/** Logs in by a key, wherever it came from. */
export async function rawSftp(login: {
  readonly host: string;
  readonly username: string;
  readonly privateKey: string;
}): Promise<RawSftp> {
  const client = new Client();
  client.connect({ ...login, port: 22, readyTimeout: 20_000 });
  await once(client, 'ready');
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
    client.sftp((error, wrapper) => (error ? reject(error) : resolve(wrapper))),
  );
  const ask: RawSftp['ask'] = (request) =>
    new Promise((resolve) => request(sftp, (error) => resolve(error ? error.message : 'ok')));
  return {
    ask,
    async make(path, mode, bytes) {
      let handle: Buffer = Buffer.alloc(0);
      const opened = await ask((raw, done) =>
        raw.open(path, 'wx', { mode }, (error, made) => {
          handle = made ?? handle;
          done(error);
        }),
      );
      if (opened !== 'ok') return opened;
      const data = Buffer.from(bytes);
      const written = await ask((raw, done) =>
        data.length === 0 ? done() : writeAll(raw, handle, data, 0, done),
      );
      const closed = await ask((raw, done) => raw.close(handle, done));
      return written === 'ok' ? closed : written;
    },
    end: () => client.end(),
  };
}

const CHUNK = 30_000;

function writeAll(
  sftp: SFTPWrapper,
  handle: Buffer,
  data: Buffer,
  from: number,
  done: (error?: Error | null) => void,
): void {
  const length = Math.min(CHUNK, data.length - from);
  sftp.write(handle, data, from, length, from, (error) => {
    if (error || from + length >= data.length) done(error);
    else writeAll(sftp, handle, data, from + length, done);
  });
}
