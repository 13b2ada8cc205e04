/**
 * The door of a process that other hosts call. Before somebody is known they get a handshake and nothing else: no request is
 * read, and there are never more of them than memory and the known callers can bear.
 */
import { constants } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { RequestListener, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { sparingly } from '../sparingly.ts';
import { lapse, type Certificate } from './certificate.ts';
import { onlyTls13 } from './hosts.ts';
import type { Identity } from './identity.ts';
import { judge } from './judge.ts';

export interface TlsListening {
  readonly host: string;
  readonly port: number;
  readonly identity: Identity;
  readonly callers: readonly Certificate[];
}

export interface Door {
  readonly server: Server;
  /** Ends the connections of those who are not known yet, which the server itself does not count. */
  readonly dropUnknown: () => void;
}

/** A caller has that long to show who it is. Milliseconds. */
const handshakeMs = 5_000;
/** Connections of the unknown; beyond it the oldest goes, so that a newcomer always has its moment. */
const mostUnknown = 256;
/** Connections of one caller: four times what a calling process keeps to one peer. */
const mostOfOne = 256;

export function openDoor(
  { identity, callers }: TlsListening,
  options: ServerOptions,
  answer: RequestListener,
): Door {
  const say = sparingly();
  const unknown = new Map<string, Socket>();
  const known = new Map<Socket, Certificate>();
  const server = createServer(
    {
      ...options,
      ...onlyTls13,
      key: identity.key,
      cert: identity.certificate.pem,
      // No authority is believed, and without one OpenSSL would load the system's. The pins are held against what was
      // presented as soon as the handshake has proven its key, which Node's own check, too, does only then.
      ca: identity.certificate.pem,
      requestCert: true,
      rejectUnauthorized: false,
      // With no tickets and no store there is no session to resume, in which nobody would present a certificate.
      secureOptions: constants.SSL_OP_NO_TICKET,
      handshakeTimeout: handshakeMs,
    },
    (request, response) => {
      const caller = known.get(request.socket);
      // A connection may outlive the certificate that opened it.
      if (caller && lapse(caller, Date.now()) === null) answer(request, response);
      else request.socket.destroy();
    },
  );

  server.on('connection', (socket: Socket) => {
    const from = addressOf(socket);
    unknown.set(from, socket);
    socket.once('close', () => {
      if (unknown.get(from) === socket) unknown.delete(from);
    });
    if (unknown.size > mostUnknown) unknown.values().next().value?.destroy();
  });

  /** Why nothing is read from it; null where it is somebody's who may ask. */
  function refuse(socket: TLSSocket): string | null {
    const judged = judge(callers, socket.getPeerX509Certificate(), Date.now());
    if (judged.kind === 'unknown') return 'is not pinned among the callers';
    if (judged.kind === 'lapsed') return judged.why;
    const { certificate } = judged;
    const others = known.values().filter((other) => other === certificate);
    if (others.toArray().length >= mostOfOne) return `has ${mostOfOne} connections already`;
    known.set(socket, certificate);
    socket.once('close', () => known.delete(socket));
    return null;
  }

  // Before Node's own listener, which reads requests.
  server.prependListener('secureConnection', (socket) => {
    const from = addressOf(socket);
    unknown.delete(from);
    const why = refuse(socket);
    if (why === null) return;
    say('caller refused', {
      from,
      presented: socket.getPeerX509Certificate()?.fingerprint256 ?? 'none',
      why,
    });
    socket.destroy();
  });
  server.on('tlsClientError', (cause, socket) => {
    say('handshake failed', { from: addressOf(socket), why: cause.message });
  });

  return {
    server,
    dropUnknown: () => {
      for (const socket of unknown.values()) socket.destroy();
    },
  };
}

function addressOf({ remoteAddress = 'gone', remotePort = 0 }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}
