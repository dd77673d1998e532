/** Why a host made no TCP connection. */
export type ConnectTrouble =
  | 'connection refused'
  | 'no answer'
  | 'no route'
  | 'this host cannot resolve the name'
  | "the host's sshd forbids the port forwarding that this test needs";

/** From the words of the host's sshd or of its own kernel; nothing when they say something else. */
export function connectTroubleOf(words: string): ConnectTrouble | undefined {
  if (/ECONNREFUSED|connection refused/i.test(words)) return 'connection refused';
  if (/ENOTFOUND|EAI_|not known|name resolution|no address associated/i.test(words)) {
    return 'this host cannot resolve the name';
  }
  if (/administratively prohibited|does not allow a connection|open failed$/i.test(words)) {
    return "the host's sshd forbids the port forwarding that this test needs";
  }
  if (/ETIMEDOUT|timed out/i.test(words)) return 'no answer';
  if (/EHOSTUNREACH|ENETUNREACH|no route|unreachable/i.test(words)) return 'no route';
  return undefined;
}
