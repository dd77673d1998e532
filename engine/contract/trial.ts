/** A full login to PostgreSQL, seen by the server as coming from the host that makes the trial. */
export interface PostgresTrial {
  readonly kind: 'postgres';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** As libpq's sslmode; `prefer` tries TLS first and goes on without where the server has none. */
  readonly sslmode: 'disable' | 'prefer' | 'require';
  /** What lets a host in that pg_hba.conf has no line for: `add it to …`; editing that file unless set. */
  readonly admission?: string;
}

/** What an HTTP proxy does when the host that makes the trial asks it for a page. */
export interface HttpProxyTrial {
  readonly kind: 'http_proxy';
  readonly host: string;
  readonly port: number;
  /** The page, by http; that its server answers is not what is checked. */
  readonly url: string;
  readonly expect: 'let in' | 'turned away';
}

/** A server that answers in its protocol, also from the far end of a tunnel, whose near end accepts every connection. */
export interface ServerTrial {
  readonly kind: 'server';
  readonly host: string;
  readonly port: number;
  readonly protocol: 'ssh' | 'http' | 'postgres';
}

/** A server that accepts a connection, where its protocol begins with the client's words. */
export interface TcpTrial {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
}

declare const FIELD: unique symbol;

/** The name of a kind of trial that the engine does not know; `fieldKind` makes it, and an extension says how it is made. */
export type FieldKind = string & { readonly [FIELD]: true };

/** Names a kind of trial of an extension's own. */
export function fieldKind(name: string): FieldKind {
  return name as FieldKind;
}

/** A trial that an extension brings; it has more, which only the extension reads. */
export interface FieldTrial {
  readonly kind: FieldKind;
  readonly host: string;
  readonly port: number;
}

/** What a service on a host must say of itself at the end of a run: a question, and a pure judgement of its answer. */
export interface Proof {
  /** What it is about, such as the name of a host that leaves. */
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

/** A trial that the engine makes itself. */
export type OwnTrial = PostgresTrial | HttpProxyTrial | ServerTrial | TcpTrial;

/** Something that must work from a host once the lab is applied. */
export type Trial = OwnTrial | FieldTrial;
