/**
 * Distant: another host's process, by TLS 1.3 with certificates on both sides. What it may present, and what we do, comes
 * from whoever read the configuration (program/tls/hosts.ts).
 */
import type { X509Certificate } from 'node:crypto';
import { Agent } from 'node:http';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';

export interface Distant {
  readonly host: string;
  readonly port: number;
  readonly secureContext: SecureContext;
  /** What we present. */
  readonly fingerprint: string;
  readonly mistrust: (presented: X509Certificate | undefined) => string | null;
  readonly lapsed: () => string | null;
  /** When the next of the pinned certificates ends. Unix ms. */
  readonly nextEnd: () => number;
}

interface Agents {
  /** Connections that are kept must not outlive the certificate that they were opened by. */
  readonly until: number;
  readonly kept: Agent;
  readonly fresh: Agent;
}

/** A connection is one identity's to one peer, and never another's. */
const agents = new WeakMap<Distant, Agents>();

export function agentsTo(where: Distant): Agents {
  const known = agents.get(where);
  if (known && Date.now() <= known.until) return known;
  known?.kept.destroy();
  const made = { until: where.nextEnd(), kept: agentTo(where, true), fresh: agentTo(where, false) };
  agents.set(where, made);
  return made;
}

function agentTo(where: Distant, keepAlive: boolean): Agent {
  const agent = new Agent({ keepAlive, maxSockets: 64 });
  agent.createConnection = () => open(where);
  return agent;
}

/**
 * Holds back every byte of the question until the other side has proven the key of a certificate that is pinned for it.
 * Node would as it is now, but does not say so.
 */
function open({ host, port, secureContext, mistrust }: Distant): TLSSocket {
  // The pin is held against what is presented, below: there is no authority, and no name to compare.
  const socket = connect({ host, port, secureContext, rejectUnauthorized: false });
  socket.setNoDelay(true);
  // A wall between hosts forgets connections that are silent.
  socket.setKeepAlive(true, 15_000);
  socket.cork();
  socket.once('secureConnect', () => {
    const why = socket.isSessionReused()
      ? 'it resumed a session, in which it presents nothing'
      : mistrust(socket.getPeerX509Certificate());
    if (why === null) socket.uncork();
    else socket.destroy(new Error(why));
  });
  return socket;
}

/** What an error of a connection means, for whoever must do something about it. */
export function explain({ fingerprint }: Distant, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return `it hangs up (${message}): does it pin our certificate ${fingerprint} among its callers? Its log says what it refused`;
  return message;
}
