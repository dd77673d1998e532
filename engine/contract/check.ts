/** A full login to PostgreSQL, seen by the server as coming from the host that makes the check. */
export interface PostgresCheck {
  readonly kind: 'postgres';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** As libpq's sslmode; `prefer` tries TLS first and goes on without where the server has none. */
  readonly sslmode: 'disable' | 'prefer' | 'require';
}

/** What an HTTP proxy does when the host that makes the check asks it for a page. */
export interface HttpProxyCheck {
  readonly kind: 'http_proxy';
  readonly host: string;
  readonly port: number;
  /** The page, by http; that its server answers is not what is checked. */
  readonly url: string;
  readonly expect: 'let in' | 'turned away';
}

/** A server that answers in its protocol, also from the far end of a tunnel, whose near end accepts every connection. */
export interface ServerCheck {
  readonly kind: 'server';
  readonly host: string;
  readonly port: number;
  readonly protocol: 'ssh' | 'http' | 'postgres';
}

/** A server that accepts a connection, where its protocol begins with the client's words. */
export interface TcpCheck {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
}

/** LAVA's REST API, which answers with 200 only when its database does. */
export interface LavaApiCheck {
  readonly kind: 'lava_api';
  readonly host: string;
  readonly port: number;
  /** An API token that must be accepted. */
  readonly token?: string;
}

/** A worker of current LAVA from which the master hears; made on that worker. */
export interface LavaWorkerCheck {
  readonly kind: 'lava_worker';
  readonly host: string;
  readonly port: number;
  /** The master's start page, with a slash at its end. */
  readonly url: string;
  /** The worker's name on the master. */
  readonly name: string;
  /** Seconds between two pings. */
  readonly pingInterval: number;
}

/** What a service on a host must say of itself at the end of a run: a question, and a pure judgement of its answer. */
export interface Proof {
  /** What it is about, such as the name of a worker that retires. */
  readonly subject: string;
  /** Shell that changes nothing, run as root; two proofs with the same one are asked once. */
  readonly probe: string;
  /** Throws `Refused` when it is otherwise. */
  judge(output: string): Shown;
}

/** What a proof has shown; `not yet` is what still comes, once somebody is gone, by another run. */
export interface Shown {
  readonly state: 'proved' | 'not yet';
  readonly words: string;
}

/** Something that must work from a host once the lab is applied. */
export type Check =
  | PostgresCheck
  | HttpProxyCheck
  | ServerCheck
  | TcpCheck
  | LavaApiCheck
  | LavaWorkerCheck;
